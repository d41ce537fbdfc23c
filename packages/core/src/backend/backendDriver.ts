import type { Provider, ProviderReport } from "@symgrad/tfjs-backend-onnxruntime";
import type { BackendName } from "./backendName";

/** How one backend is loaded. A driver loads nothing until asked. */
export interface BackendDriver {
  name: BackendName;
  /** The name under which TensorFlow.js knows it. */
  tfName: string;
  /** What to do if it does not load, or is not installed. */
  fix: string;
  /**
   * Loads and registers it, without selecting it.
   *
   * @param provider For onnxruntime: what its graphs run on. Others have no choice.
   * @returns `undefined` if it is an optional package that is not installed.
   * @throws whatever goes wrong if it is installed and does not work.
   */
  load(threads: number, provider?: Provider | "auto"): Promise<LoadedBackend | undefined>;
  /** What its graphs could run on, for a report. */
  providers?(): Promise<ProviderReport[]>;
}

export interface LoadedBackend {
  version: string | undefined;
  /** Threads it really uses. */
  threads: number;
  /** What its graphs run on, where there is a choice. */
  provider?: Provider;
}
