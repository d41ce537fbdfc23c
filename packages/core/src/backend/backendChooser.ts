import type { Provider, ProviderReport } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { availableThreads } from "./availableThreads";
import type { BackendDriver, LoadedBackend } from "./backendDriver";
import { type BackendName, parseBackendName } from "./backendName";

export interface InitBackendOptions {
  /** Default `"auto"`: the best that loads. The environment variable `SYMGRAD_BACKEND` overrides `"auto"`. */
  backend?: BackendName | "auto" | undefined;
  /** Threads of a step, 1 to 1024. Default: the cores this process may use. wasm and cpu have one thread. */
  threads?: number | undefined;
  /**
   * What onnxruntime's traced graphs run on. Default `"cpu"`; `"auto"` is the first that works of CUDA, WebGPU, CPU.
   * The variables travel to a GPU and back at every step. Other backends have no choice and pass over it.
   */
  provider?: Provider | "auto" | undefined;
}

/** The backend in use. */
export interface BackendInfo {
  name: BackendName;
  version?: string;
  /** Threads it really uses. */
  threads: number;
  /** What was asked for: by option, by `SYMGRAD_BACKEND`, or `"auto"`. */
  requested: BackendName | "auto";
  /** What onnxruntime's traced graphs run on. */
  provider?: Provider;
}

/** One backend as `doctor` shows it. */
export interface BackendReport {
  name: BackendName;
  available: boolean;
  version?: string;
  threads?: number;
  /** Why it is not available. */
  reason?: string;
  /** What to do about that. */
  fix?: string;
  /** Whether it is the one in use. */
  selected: boolean;
  /** What its traced graphs could run on, where there is a choice. */
  providers?: ProviderReport[];
}

const MOST_THREADS = 1024;
const TENSORFLOW: ReadonlySet<string> = new Set(["tfjs-node-gpu", "tfjs-node"]);

/** Chooses among drivers and remembers the choice. The program has one; tests make their own. */
export class BackendChooser {
  private current:
    | { info: BackendInfo; tfName: string; requestedThreads: number; requestedProvider: Provider | "auto" }
    | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private readonly warned = new Set<string>();

  constructor(
    private readonly drivers: readonly BackendDriver[],
    private readonly warn: (text: string) => void = (text) => void process.stderr.write(`${text}\n`),
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /** See {@link initBackend}. Calls run one after the other. */
  init(options: InitBackendOptions = {}): Promise<BackendInfo> {
    const result = this.queue.then(() => this.initNow(options, this.warn));
    this.queue = result.catch(() => {});
    return result;
  }

  /** See {@link backendReport}. */
  report(): Promise<BackendReport[]> {
    const result = this.queue.then(() => this.reportNow());
    this.queue = result.catch(() => {});
    return result;
  }

  private async initNow(options: InitBackendOptions, warn: (text: string) => void): Promise<BackendInfo> {
    const { backend, threads, provider } = options;
    if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
      throw new SymgradError(
        "E_RANGE",
        `initBackend: \`threads\` must be a whole number from 1 to ${MOST_THREADS}, got ${threads}.`,
        { hint: "leave it out to use every core" },
      );
    }
    if (backend !== undefined) parseBackendName(backend, "initBackend");
    const current = this.inUse();
    // Without a wish of its own, a call leaves the choice of an earlier one in place.
    if (
      current &&
      backend === undefined &&
      (threads ?? current.requestedThreads) === current.requestedThreads &&
      (provider ?? current.requestedProvider) === current.requestedProvider
    ) {
      return current.info;
    }
    const requested = this.requested(backend ?? current?.info.requested ?? "auto");
    const requestedThreads = threads ?? current?.requestedThreads ?? availableThreads();
    const requestedProvider = provider ?? current?.requestedProvider ?? "cpu";
    const same =
      current?.requestedThreads === requestedThreads && current.requestedProvider === requestedProvider;
    if (current && same && (requested === current.info.requested || requested === current.info.name)) {
      return current.info;
    }
    return this.choose(requested, requestedThreads, requestedProvider, warn);
  }

  /** The present choice, unless someone has set another TensorFlow.js backend since. */
  private inUse() {
    return this.current && tf.engine().backendName === this.current.tfName ? this.current : undefined;
  }

  private requested(wish: BackendName | "auto"): BackendName | "auto" {
    const override = this.environment.SYMGRAD_BACKEND;
    return wish === "auto" && override ? parseBackendName(override, "SYMGRAD_BACKEND") : wish;
  }

  private async choose(
    requested: BackendName | "auto",
    threads: number,
    provider: Provider | "auto",
    warn: (text: string) => void,
  ): Promise<BackendInfo> {
    const candidates = this.drivers.filter(({ name }) => requested === "auto" || name === requested);
    const failed: { driver: BackendDriver; error: unknown }[] = [];
    for (const driver of candidates) {
      try {
        const loaded = await this.select(driver, threads, provider);
        if (loaded === undefined) {
          if (requested === "auto") continue;
          throw new Error("it is not installed");
        }
        const { version } = loaded;
        const info = {
          name: driver.name,
          ...(version && { version }),
          threads: loaded.threads,
          ...(loaded.provider && { provider: loaded.provider }),
          requested,
        };
        this.current = {
          info,
          tfName: driver.tfName,
          requestedThreads: threads,
          requestedProvider: provider,
        };
        for (const failure of failed) this.warnOnce(failure, info.name, warn);
        return info;
      } catch (error) {
        if (error instanceof SymgradError && error.code !== "E_BACKEND") throw error;
        failed.push({ driver, error });
      }
    }
    const { driver, error } = failed.at(-1)!;
    throw new SymgradError("E_BACKEND", `the backend ${driver.name} cannot be used: ${reasonOf(error)}.`, {
      hint: `${driver.fix}; or let symgrad choose: leave out the backend and unset SYMGRAD_BACKEND`,
      cause: error,
    });
  }

  private async select(
    driver: BackendDriver,
    threads: number,
    provider?: Provider | "auto",
  ): Promise<LoadedBackend | undefined> {
    const loaded = await driver.load(threads, provider);
    if (loaded && !(await tf.setBackend(driver.tfName))) {
      throw new Error(`TensorFlow.js could not start its backend "${driver.tfName}"`);
    }
    return loaded;
  }

  private warnOnce(
    { driver, error }: { driver: BackendDriver; error: unknown },
    chosen: BackendName,
    warn: (text: string) => void,
  ): void {
    if (this.warned.has(driver.name)) return;
    this.warned.add(driver.name);
    const slower = chosen === "wasm" || chosen === "cpu" ? ", which is slower" : "";
    warn(
      `symgrad: ${driver.name} did not load (${reasonOf(error)}); using ${chosen}${slower}.\n  Do: ${driver.fix}`,
    );
  }

  private async reportNow(): Promise<BackendReport[]> {
    let current = this.inUse();
    if (!current) {
      await this.initNow({}, () => {}).catch((error: unknown) => {
        if (!(error instanceof SymgradError) || error.code !== "E_BACKEND") throw error;
      });
      current = this.inUse();
    }
    const reports: BackendReport[] = [];
    for (const driver of this.drivers) {
      const inProcess = reports.find(({ name, available }) => available && TENSORFLOW.has(name))?.name;
      reports.push(
        current?.info.name === driver.name
          ? available(current.info, true)
          : await this.probe(driver, current?.requestedThreads ?? availableThreads(), {
              tensorflow: TENSORFLOW.has(current?.info.name ?? "") ? current?.info.name : inProcess,
            }),
      );
    }
    if (current) await tf.setBackend(current.tfName);
    for (const [i, { providers }] of this.drivers.entries()) {
      if (providers && reports[i]!.available) reports[i]!.providers = await providers();
    }
    return reports;
  }

  /** Loads a backend to see whether it works. `tensorflow` names the TensorFlow library already in the process. */
  private async probe(
    driver: BackendDriver,
    threads: number,
    { tensorflow }: { tensorflow: BackendName | undefined },
  ): Promise<BackendReport> {
    const { name, fix } = driver;
    const unavailable = { name, available: false, selected: false };
    if (TENSORFLOW.has(name) && tensorflow) {
      const reason = `not tried: ${tensorflow} is loaded, and a process can hold one TensorFlow library`;
      return { ...unavailable, reason, fix: `set SYMGRAD_BACKEND=${name} to try it` };
    }
    try {
      const loaded = await this.select(driver, threads);
      return loaded
        ? available({ name, ...loaded }, false)
        : { ...unavailable, reason: "not installed", fix };
    } catch (error) {
      return { ...unavailable, reason: reasonOf(error), fix };
    }
  }
}

function available(
  { name, version, threads }: { name: BackendName; version?: string | undefined; threads: number },
  selected: boolean,
): BackendReport {
  return { name, available: true, ...(version && { version }), threads, selected };
}

/** The first sentence of what went wrong, without code and full stop. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .split("\n")[0]!
    .replace(/^E_[A-Z]+ /, "")
    .trim()
    .replace(/\.$/, "");
}
