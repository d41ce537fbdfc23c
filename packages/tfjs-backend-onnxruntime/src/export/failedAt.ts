import { SymgradError } from "../errors";

/** The error of a function that failed by itself at some lengths of its axes. */
export function failedAt(name: string, lengths: ReadonlyMap<string, number>, cause: unknown): SymgradError {
  const at = [...lengths].map(([axis, length]) => `${axis} ${length}`).join(", ") || "its fixed shapes";
  return new SymgradError("E_EXPORT", `exportOnnx: ${name} failed at ${at}: ${(cause as Error).message}`, {
    hint: "say which lengths it takes: { axes: { sequence: { min: 1, max: 512 } } }",
    cause,
  });
}
