import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { EagerSessions } from "./eager";
import { SymgradError } from "./errors";
import type { GraphData } from "./graph/graph";
import { fusedRules } from "./kernels";
import type { RuleAttributes } from "./kernels/rule";
import { loadOnnxRuntime } from "./runtime";
import { graphType, type HostData, type Trace, type TraceStore, viewAs } from "./trace";

export const BACKEND_NAME = "onnxruntime";

export interface OnnxRuntimeBackendOptions {
  /** Threads of a traced step; 1 or more. Default: all cores. */
  threads?: number;
}

type BackendValues = HostData | number[] | Uint8Array[] | undefined;

/**
 * A TensorFlow.js backend. Tensors are plain typed arrays as in tfjs-cpu, whose kernels serve every operation that
 * ONNX Runtime would not speed up; while a trace is active, kernels are recorded instead (see `jit`).
 */
export class OnnxRuntimeBackend extends MathBackendCPU implements TraceStore {
  readonly threads: number;
  private trace: Trace | undefined;
  /** Ids of data that came into being while tracing. */
  private made = new WeakSet<object>();
  private readonly eager: EagerSessions;
  /** Arrays of variables that jitted functions overwrite; nobody outside may see these change. */
  private readonly overwritten = new WeakSet<object>();

  constructor(threads: number, eager: EagerSessions) {
    super();
    this.threads = threads;
    this.eager = eager;
    // tfjs-cpu greets its first tensor with an advertisement for tfjs-node, which this backend replaces.
    (this as unknown as { firstUse: boolean }).firstUse = false;
  }

  /** The trace being recorded, if any. */
  get activeTrace(): Trace | undefined {
    return this.trace;
  }

  /** Records what `body` does. One trace at a time. */
  record<T>(trace: Trace, body: () => T): T {
    this.trace = trace;
    this.made = new WeakSet();
    const random = Math.random;
    Math.random = () => {
      throw new SymgradError(
        "E_TRACE",
        "jit: Math.random was called while tracing; its value would be baked into the graph.",
        {
          hint: "draw with an explicit random key, or pass the random numbers as a tensor argument (tf.randomUniform, tf.dropout and friends draw this way too)",
        },
      );
    };
    try {
      return body();
    } finally {
      Math.random = random;
      this.trace = undefined;
    }
  }

  override write(values: never, shape: number[], dtype: tf.DataType): object {
    const dataId = super.write(values, shape, dtype as never);
    if (this.trace && values !== undefined) this.made.add(dataId);
    return dataId;
  }

  override readSync(dataId: object): never {
    if (this.trace && !this.made.has(dataId)) {
      throw new SymgradError(
        "E_TRACE",
        "jit: a tensor's value was read while tracing (dataSync, arraySync, data, array, print or a data-dependent shape).",
        {
          hint: "return the tensor from the jitted function and read it outside, or compute the value before the call and pass it as an argument",
        },
      );
    }
    const values = super.readSync(dataId) as HostData;
    return (this.overwritten.has(values) ? values.slice() : values) as never;
  }

  override async read(dataId: object): Promise<never> {
    return this.readSync(dataId);
  }

  makeSymbol(shape: number[], dtype: tf.DataType): tf.TensorInfo {
    return { dataId: super.write(undefined as never, shape, dtype as never), shape, dtype } as tf.TensorInfo;
  }

  constantData(dataId: object): HostData | undefined {
    return this.made.has(dataId) ? (this.values(dataId) as HostData) : undefined;
  }

  runEagerly(
    kernelName: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    const kernel = tf.getKernel(kernelName, "cpu");
    return kernel.kernelFunc({ inputs, attrs: attributes as never, backend: this });
  }

  /** One kernel call: recorded while tracing, else on ONNX Runtime where that pays, else tfjs-cpu's own. */
  runKernel(
    config: tf.KernelConfig,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    if (this.trace) return this.trace.kernel(config.kernelName, inputs, attributes);
    if (this.eager.pays(config.kernelName, inputs)) {
      const { data, type, shape } = this.eager.run(config.kernelName, inputs, attributes, (info) =>
        this.feed(info.dataId, info.dtype),
      );
      return this.makeTensorInfo(shape, type as never, data as never) as tf.TensorInfo;
    }
    return config.kernelFunc({ inputs, attrs: attributes as never, backend: this });
  }

  /** The data of a tensor as an array that ONNX Runtime takes. Moves it here from another backend if need be. */
  feed(dataId: object, dtype: string): GraphData {
    const values = this.values(dataId);
    if (values === undefined)
      throw new SymgradError("E_TRACE", "jit: a tensor that only exists inside a trace was used outside it.");
    return viewAs(values as HostData, graphType(dtype, BACKEND_NAME));
  }

  /** The array of float32 data to be overwritten with new values: its own if nobody else sees it, else a new one. */
  overwritable(dataId: object): Float32Array {
    const values = this.values(dataId) as Float32Array;
    if (this.overwritten.has(values) && this.refCount(dataId as never) === 1) return values;
    const fresh = new Float32Array(values.length);
    this.overwritten.add(fresh);
    return fresh;
  }

  private values(dataId: object): BackendValues {
    return (this.data.get(dataId as never) as { values: BackendValues }).values;
  }
}

/** The active backend if it is this one. */
export function activeOnnxRuntimeBackend(): OnnxRuntimeBackend | undefined {
  if (tf.getBackend() !== BACKEND_NAME) return undefined;
  return tf.backend() as unknown as OnnxRuntimeBackend;
}

/**
 * Makes the backend "onnxruntime" known to TensorFlow.js; `tf.setBackend("onnxruntime")` then selects it. A second
 * call with another number of threads replaces it, so do that before any tensor lives on it.
 *
 * @throws SymgradError `E_BACKEND` if the native library does not load; `E_RANGE` if `threads` is not a positive integer.
 */
export async function registerOnnxRuntimeBackend(options: OnnxRuntimeBackendOptions = {}): Promise<void> {
  const { availableParallelism } = await import("node:os");
  const threads = options.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1) {
    throw new SymgradError(
      "E_RANGE",
      `registerOnnxRuntimeBackend: \`threads\` must be a positive integer, got ${threads}.`,
    );
  }
  await loadOnnxRuntime();
  const registered = tf.findBackend(BACKEND_NAME) as unknown as OnnxRuntimeBackend | null;
  if (registered) {
    if (registered.threads === threads) return;
    tf.removeBackend(BACKEND_NAME);
  }
  const eager = await EagerSessions.create();
  // Above tfjs-cpu (1) and tfjs-wasm (2): the default once registered.
  tf.registerBackend(BACKEND_NAME, () => new OnnxRuntimeBackend(threads, eager) as never, 3);
  if (tf.getKernelsForBackend(BACKEND_NAME).length > 0) return;
  for (const config of tf.getKernelsForBackend("cpu")) {
    tf.registerKernel({
      ...config,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as OnnxRuntimeBackend).runKernel(config, inputs, attrs ?? {}),
    });
  }
  for (const kernelName of Object.keys(fusedRules)) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as OnnxRuntimeBackend).activeTrace!.kernel(kernelName, inputs, attrs ?? {}),
    });
  }
}
