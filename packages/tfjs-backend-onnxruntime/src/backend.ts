import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { type EagerResult, EagerSessions, type SingleKernels } from "./eager/eagerSessions";
import { SymgradError } from "./errors";
import type { GraphData } from "./graph/graph";
import { kernelError } from "./kernelError";
import type { RuleAttributes } from "./kernels/rule";
import { loadOnnxRuntime } from "./runtime";
import { graphType, type HostData, type Trace, type TraceStore, viewAs } from "./trace";

export const BACKEND_NAME = "onnxruntime";

export interface OnnxRuntimeBackendOptions {
  /** Threads of a traced step; 1 or more. Default: all cores. */
  threads?: number;
  /**
   * Which single kernels, outside `jit`, run on ONNX Runtime: those that it runs faster than tfjs-cpu's own (`auto`, the
   * default), every one that it can run (`always`, to test with) or none (`never`).
   */
  singleKernels?: SingleKernels;
}

type BackendValues = HostData | number[] | Uint8Array[] | undefined;

/**
 * A TensorFlow.js backend. Tensors are plain typed arrays as in tfjs-cpu, whose kernels serve every operation that
 * ONNX Runtime would not speed up; while a trace is active, kernels are recorded instead (see `jit`).
 */
export class OnnxRuntimeBackend extends MathBackendCPU implements TraceStore {
  readonly threads: number;
  readonly singleKernels: SingleKernels;
  private trace: Trace | undefined;
  /** Ids of data that came into being while tracing. */
  private made = new WeakSet<object>();
  private readonly eager: EagerSessions;

  constructor(threads: number, singleKernels: SingleKernels, eager: EagerSessions) {
    super();
    this.threads = threads;
    this.singleKernels = singleKernels;
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
    return super.readSync(dataId) as never;
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
    try {
      if (this.trace) return this.trace.kernel(config.kernelName, inputs, attributes);
      if (attributes.axis < 0 && config.kernelName.startsWith("Cum")) {
        // tfjs-cpu's cumulative kernels only know axes counted from the front.
        attributes = { ...attributes, axis: attributes.axis + inputs.x!.shape.length };
      }
      const result = this.eager.run(config.kernelName, inputs, attributes, this.feedInfo);
      if (!result) return config.kernelFunc({ inputs, attrs: attributes as never, backend: this });
      return Array.isArray(result) ? result.map(this.keep) : this.keep(result);
    } catch (error) {
      throw kernelError(config.kernelName, inputs, error);
    }
  }

  private readonly feedInfo = (info: tf.TensorInfo): GraphData => this.feed(info.dataId, info.dtype);

  private readonly keep = ({ data, type, shape }: EagerResult): tf.TensorInfo =>
    this.makeTensorInfo(shape, type as never, data as never) as tf.TensorInfo;

  override dispose(): void {
    super.dispose();
    this.eager.dispose();
  }

  /** The data of a tensor as an array that ONNX Runtime takes. Moves it here from another backend if need be. */
  feed(dataId: object, dtype: string): GraphData {
    const values = this.values(dataId);
    if (values === undefined)
      throw new SymgradError("E_TRACE", "jit: a tensor that only exists inside a trace was used outside it.");
    return viewAs(values as HostData, graphType(dtype, BACKEND_NAME));
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
  const { threads = availableParallelism(), singleKernels = "auto" } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new SymgradError(
      "E_RANGE",
      `registerOnnxRuntimeBackend: \`threads\` must be a positive integer, got ${threads}.`,
    );
  }
  if (!["auto", "always", "never"].includes(singleKernels)) {
    throw new SymgradError(
      "E_RANGE",
      `registerOnnxRuntimeBackend: \`singleKernels\` must be "auto", "always" or "never", got ${JSON.stringify(singleKernels)}.`,
    );
  }
  await loadOnnxRuntime();
  const registered = tf.findBackend(BACKEND_NAME) as unknown as OnnxRuntimeBackend | null;
  if (registered) {
    if (registered.threads === threads && registered.singleKernels === singleKernels) return;
    tf.removeBackend(BACKEND_NAME);
  }
  const eager = await EagerSessions.create(threads, singleKernels);
  // Above tfjs-cpu (1) and tfjs-wasm (2): the default once registered.
  tf.registerBackend(BACKEND_NAME, () => new OnnxRuntimeBackend(threads, singleKernels, eager) as never, 3);
  if (tf.getKernelsForBackend(BACKEND_NAME).length > 0) return;
  for (const config of tf.getKernelsForBackend("cpu")) {
    tf.registerKernel({
      ...config,
      backendName: BACKEND_NAME,
      kernelFunc: ({ inputs, attrs, backend }) =>
        (backend as OnnxRuntimeBackend).runKernel(config, inputs, attrs ?? {}),
    });
  }
}
