import { SymgradError } from "../errors";
import { nearestNames } from "../nearestNames";

/** Backends in the order in which `"auto"` tries them. */
export const BACKEND_NAMES = ["tfjs-node-gpu", "tfjs-node", "onnxruntime", "wasm", "cpu"] as const;

export type BackendName = (typeof BACKEND_NAMES)[number];

/**
 * Checks a name that a user gave.
 *
 * @param source Where it was given, as in "SYMGRAD_BACKEND".
 * @throws SymgradError `E_NAME`, listing the known names and the nearest.
 */
export function parseBackendName(name: string, source: string): BackendName | "auto" {
  const known: readonly string[] = ["auto", ...BACKEND_NAMES];
  if (known.includes(name)) return name as BackendName | "auto";
  const [nearest] = nearestNames(name, known);
  throw new SymgradError(
    "E_NAME",
    `${source}: there is no backend "${name}"; known are ${known.join(", ")}.`,
    {
      hint: nearest ? `did you mean "${nearest}"?` : "choose one of the known names, or leave it out",
    },
  );
}
