import type { Reader } from "@symgrad/qa-model";

/** How a reader is opened: the same options on every command that asks one. */
export interface ReaderOptions {
  plugin?: string[] | undefined;
  threads?: number | undefined;
}

/**
 * Starts the backend and loads the reader of a folder (or hub id), which may call the built-in functions and those of the
 * plugins. The caller disposes it.
 *
 * @throws SymgradError The errors of `loadRegistry`, `initBackend` and `loadReader`.
 */
export async function openReader(folder: string, { plugin, threads }: ReaderOptions): Promise<Reader> {
  const { initBackend } = await import("@symgrad/core");
  const { loadReader } = await import("@symgrad/qa-model");
  const { loadRegistry } = await import("./loadRegistry");
  const registry = await loadRegistry(plugin);
  await initBackend({ threads });
  return loadReader(folder, { registry });
}
