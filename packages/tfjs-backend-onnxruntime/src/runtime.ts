import type * as Ort from "onnxruntime-node";
import { SymgradError } from "./errors";
import type { GraphData, Value } from "./graph/graph";

type OrtModule = typeof Ort;

let loaded: OrtModule | undefined;

/**
 * Loads the native library on demand.
 * @throws SymgradError `E_BACKEND` if it is missing or does not load on this machine.
 */
export async function loadOnnxRuntime(): Promise<OrtModule> {
  if (loaded) return loaded;
  try {
    const module = (await import("onnxruntime-node")) as OrtModule & { default?: OrtModule };
    loaded = module.InferenceSession ? module : module.default!;
    return loaded;
  } catch (cause) {
    throw new SymgradError("E_BACKEND", `onnxruntime-node did not load: ${(cause as Error).message}.`, {
      hint: "reinstall it for this platform (npm install onnxruntime-node), or choose another backend with SYMGRAD_BACKEND=wasm",
      cause,
    });
  }
}

export interface SessionOptions {
  threads: number;
  /** Default CPU, which also takes what another provider cannot. */
  provider?: string;
}

/** One compiled graph. Feeds and results are plain typed arrays by value name. */
export class Session {
  private constructor(
    private readonly ort: OrtModule,
    private readonly session: Ort.InferenceSession,
    private readonly inputs: readonly Value[],
    private readonly outputs: readonly Value[],
  ) {}

  static async create(
    model: Uint8Array,
    inputs: readonly Value[],
    outputs: readonly Value[],
    options: SessionOptions,
  ): Promise<Session> {
    const ort = await loadOnnxRuntime();
    const session = await ort.InferenceSession.create(model, sessionOptions(options));
    return new Session(ort, session, inputs, outputs);
  }

  /** @param feeds An array for each input. Returns one array per output, in order. */
  async run(feeds: ReadonlyMap<Value, GraphData>): Promise<GraphData[]> {
    const tensors: Record<string, Ort.Tensor> = {};
    for (const input of this.inputs) {
      tensors[input.name] = new this.ort.Tensor(input.type, feeds.get(input) as never, input.shape);
    }
    const results = await this.session.run(tensors);
    return this.outputs.map((output) => results[output.name]!.data as GraphData);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/**
 * Every session owns a thread pool. Its workers wait spinning from one operator to the next, because waking them takes
 * longer than many operators do, and stop when the run is over: between runs the cores belong to JavaScript. The arena
 * stays on (1.4x slower without), the memory pattern off (3 % faster with it, for a third more memory).
 */
export function sessionOptions({
  threads,
  provider = "cpu",
}: SessionOptions): Ort.InferenceSession.SessionOptions {
  return {
    ...(provider !== "cpu" && { executionProviders: [provider, "cpu"] }),
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    enableCpuMemArena: true,
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "1" }, force_spinning_stop: "1" } },
  };
}
