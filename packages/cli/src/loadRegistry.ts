import { builtins, createRegistry, type Registry, type SymbolicFunction } from "@symgrad/symbolic-plugins";
import { loadPlugin } from "./loadPlugin";
import { lendOwnPackages } from "./pluginResolution";

/**
 * The functions a reader may call: the built-in ones and those of the plugins that the command line names. Nothing else
 * is loaded.
 *
 * @throws SymgradError `E_PLUGIN` if a plugin cannot be loaded or holds no function; `E_DUPLICATE` if two functions
 *   have one name; `E_USAGE` if one breaks the contract or was made for another version of it.
 */
export async function loadRegistry(plugins: readonly string[] = []): Promise<Registry> {
  if (plugins.length > 0) lendOwnPackages();
  const functions: SymbolicFunction[] = [];
  for (const plugin of plugins) functions.push(...(await loadPlugin(plugin)));
  return createRegistry([...builtins, ...functions]);
}
