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
   * @returns `undefined` if it is an optional package that is not installed.
   * @throws whatever goes wrong if it is installed and does not work.
   */
  load(threads: number): Promise<LoadedBackend | undefined>;
}

export interface LoadedBackend {
  version: string | undefined;
  /** Threads it really uses. */
  threads: number;
}
