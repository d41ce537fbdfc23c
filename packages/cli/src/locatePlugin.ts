import { existsSync, readFileSync, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SymgradError } from "@symgrad/core";
import { fromWorkingDirectory } from "./pluginResolution";

/** Where a plugin's sources begin, if it is not built. */
const sources = [
  "src/index.ts",
  "src/index.mts",
  "src/index.js",
  "src/index.mjs",
  "index.ts",
  "index.js",
  "index.mjs",
];

export interface LocateOptions {
  /** The sources, even where the plugin is built. Default `false`. */
  preferSources?: boolean;
}

/**
 * What to import for `--plugin`: a file, a folder with a package, or the name of an installed package. What exists as a
 * file or a folder is a path; so is what begins with a dot or a slash.
 *
 * @throws SymgradError `E_PLUGIN` if a folder holds nothing to import.
 */
export function locatePlugin(plugin: string, options: LocateOptions = {}): string {
  const path = resolve(plugin);
  if (!existsSync(path)) {
    const isPath = plugin.startsWith(".") || isAbsolute(plugin) || /\.[cm]?[jt]s$/.test(plugin);
    return isPath ? pathToFileURL(path).href : `${fromWorkingDirectory}${plugin}`;
  }
  if (!statSync(path).isDirectory()) return pathToFileURL(path).href;
  const built = builtEntry(path);
  const candidates = options.preferSources ? [...sources, ...built] : [...built, ...sources];
  const entry = candidates.map((file) => join(path, file)).find((file) => existsSync(file));
  if (entry !== undefined) return pathToFileURL(entry).href;
  throw new SymgradError("E_PLUGIN", `the folder ${plugin} holds no plugin: there is no ${sources[0]}.`, {
    hint: "make one with `symgrad plugin new NAME`, or name its file",
  });
}

/** What package.json names; in the simple forms only, as a plugin's own tools write them. */
function builtEntry(folder: string): string[] {
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) return [];
  const { exports: exported, main } = JSON.parse(readFileSync(manifest, "utf8"));
  const root = typeof exported === "object" ? (exported?.["."] ?? exported) : exported;
  const entry = typeof root === "object" ? (root?.import ?? root?.default) : root;
  return [entry, main].filter((file) => typeof file === "string");
}
