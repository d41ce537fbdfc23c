import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SymgradError } from "@symgrad/core";
import { calculator, createRegistry, type Registry, type SymbolicFunction } from "@symgrad/symbolic-plugins";
import { lendOwnPackages } from "./pluginResolution";

/**
 * The functions a reader may call: the built-in ones and those of the user's plugins. A plugin is a module of the
 * user's that the command line names; its default export, or any named exports, are made by `defineFunction`.
 *
 * @throws SymgradError `E_PLUGIN` if a plugin cannot be loaded or holds no function; `E_DUPLICATE` if two functions
 *   have one name.
 */
export async function loadRegistry(plugins: readonly string[] = []): Promise<Registry> {
  if (plugins.length > 0) lendOwnPackages();
  const functions: SymbolicFunction[] = [];
  for (const plugin of plugins) functions.push(...(await loadPlugin(plugin)));
  return createRegistry([calculator, ...functions]);
}

async function loadPlugin(path: string): Promise<SymbolicFunction[]> {
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new SymgradError("E_PLUGIN", `the plugin ${path} cannot be loaded: ${cause.message}`, {
      hint: "check the path, and run the file alone with `node` to see where it fails",
      cause,
    });
  }
  const functions = [...new Set(Object.values(exported).flat())].filter(isFunction);
  if (functions.length > 0) return functions;
  const names = Object.keys(exported).join(", ") || "nothing";
  throw new SymgradError(
    "E_PLUGIN",
    `the plugin ${path} exports no symbolic function (it exports ${names}).`,
    {
      hint: "export default defineFunction({ ... }), with defineFunction from @symgrad/symbolic-plugins",
    },
  );
}

/** By shape: a plugin may be made with its own copy of `defineFunction`. The registry checks the rest. */
function isFunction(value: unknown): value is SymbolicFunction {
  if (typeof value !== "object" || value === null) return false;
  const { name, args, run } = value as Partial<SymbolicFunction>;
  return typeof name === "string" && typeof args === "object" && typeof run === "function";
}
