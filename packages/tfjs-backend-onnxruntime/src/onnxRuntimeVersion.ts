import { loadOnnxRuntime } from "./runtime";

/**
 * The version of the native library, as in "1.30.0".
 * @throws SymgradError `E_BACKEND` if it does not load.
 */
export async function onnxRuntimeVersion(): Promise<string | undefined> {
  const { versions } = (await loadOnnxRuntime()).env;
  return (versions as { node?: string; common?: string }).node ?? versions.common;
}
