import {
  BackendChooser,
  type BackendInfo,
  type BackendReport,
  type InitBackendOptions,
} from "./backendChooser";
import { DRIVERS } from "./drivers";

const chooser = new BackendChooser(DRIVERS);

/**
 * Loads and selects a TensorFlow.js backend: tfjs-node-gpu or tfjs-node if installed, else onnxruntime, wasm, cpu.
 * Under `"auto"` one that does not load is passed over, with one warning on stderr that says how to repair it. Calling
 * again is cheap; without options, it keeps the choice of an earlier call.
 *
 * @throws SymgradError `E_BACKEND` if the backend was named (by option or `SYMGRAD_BACKEND`) and does not load; `E_NAME`
 *   for an unknown name; `E_BACKEND` also if onnxruntime was named with a provider that does not work here; `E_RANGE` if `threads` is not from 1 to 1024, or changes while tensors are alive.
 */
export function initBackend(options?: InitBackendOptions): Promise<BackendInfo> {
  return chooser.init(options);
}

/**
 * Tries every backend and says which are available, which is in use, and how to repair the others. Selects one first
 * if none is in use. Prints nothing; the backend in use stays.
 *
 * @throws SymgradError `E_NAME` if `SYMGRAD_BACKEND` is not a known name.
 */
export function backendReport(): Promise<BackendReport[]> {
  return chooser.report();
}
