import { SymgradError } from "@symgrad/core";
import type { SymbolicFunction } from "@symgrad/symbolic-plugins";
import { type LocateOptions, locatePlugin } from "./locatePlugin";

/**
 * The functions that a plugin exports: its default export or any named ones. Call `lendOwnPackages` before.
 *
 * @throws SymgradError `E_PLUGIN` if it cannot be loaded or holds no function.
 */
export async function loadPlugin(plugin: string, options: LocateOptions = {}): Promise<SymbolicFunction[]> {
  const url = locatePlugin(plugin, options);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(url)) as Record<string, unknown>;
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new SymgradError("E_PLUGIN", `the plugin ${plugin} cannot be loaded: ${cause.message}`, {
      hint: url.startsWith("file:")
        ? "check the path, and what the file imports"
        : `check the name, or install it here: npm install ${plugin}`,
      cause,
    });
  }
  const functions = [...new Set(Object.values(exported).flat())].filter(isFunction);
  if (functions.length > 0) return functions;
  const names = Object.keys(exported).join(", ") || "nothing";
  throw new SymgradError(
    "E_PLUGIN",
    `the plugin ${plugin} exports no symbolic function (it exports ${names}).`,
    { hint: "export default defineFunction({ ... }), with defineFunction from @symgrad/symbolic-plugins" },
  );
}

/** By shape: a plugin may be made with its own copy of `defineFunction`. The registry checks the rest. */
function isFunction(value: unknown): value is SymbolicFunction {
  if (typeof value !== "object" || value === null) return false;
  const { name, args, run } = value as Partial<SymbolicFunction>;
  return typeof name === "string" && typeof args === "object" && typeof run === "function";
}
