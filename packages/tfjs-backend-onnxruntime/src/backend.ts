import * as tf from "@tensorflow/tfjs";
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { type EagerResult, EagerSessions, type SingleKernels } from "./eager/eagerSessions";
import { FloatPool } from "./eager/floatPool";
import { type PlainResult, type PlainStore, plainKernels } from "./eager/plain";
import { SymgradError } from "./errors";
import type { GraphData } from "./graph/graph";
import { readWhileTracing } from "./jit/readWhileTracing";
import { withTraceGuards } from "./jit/traceGuards";
import { assertLengths, kernelError } from "./kernelError";
import { fusedRules } from "./kernels";
import { presentInputs, type RuleAttributes } from "./kernels/rule";
import { chooseProvider, type Provider } from "./providers";
import { loadOnnxRuntime } from "./runtime";
import { graphType, type HostData, type Trace, type TraceStore, viewAs } from "./trace";

export const BACKEND_NAME = "onnxruntime";

export interface OnnxRuntimeBackendOptions {
  /** Threads of a traced step; 1 or more. Default: all cores. */
  threads?: number;
  /**
   * Which single kernels, outside `jit`, run on ONNX Runtime: those that it runs faster than JavaScript (`auto`, the
   * default), every one that it can run (`always`, to test with) or none (`never`).
   */
  singleKernels?: SingleKernels;
  /**
   * What traced graphs run on. Default `"cpu"`; `"auto"` takes the first that works of CUDA, WebGPU and CPU. Single
   * kernels outside `jit` always run on the CPU, and so does the state between steps.
   */
  provider?: Provider | "auto";
}

type BackendValues = HostData | number[] | Uint8Array[] | undefined;

/**
 * A TensorFlow.js backend. Tensors are plain typed arrays as in tfjs-cpu. A kernel runs on ONNX Runtime where that is
 * faster, else in plain JavaScript (`eager/plain`), else in tfjs-cpu; while a trace is active it is recorded instead (see `jit`).
 */
export class OnnxRuntimeBackend extends MathBackendCPU implements TraceStore {
  readonly threads: number;
  readonly singleKernels: SingleKernels;
  readonly provider: Provider;
  private trace: Trace | undefined;
  /** Ids of data that came into being while tracing. */
  private made = new WeakSet<object>();
  private readonly eager: EagerSessions;
  /** Arrays of variables that jitted functions overwrite; nobody outside may see these change. */
  private readonly overwritten = new WeakSet<object>();
  /**
   * Every buffer that a tensor was made of: it belongs to that tensor alone, and then to nobody ("pooled") or to the
   * garbage collector ("own"), or others may hold it ("shared").
   */
  private readonly buffers = new WeakMap<object, "pooled" | "own" | "shared">();
  private readonly pool = new FloatPool();
  /** What the buffer of the next array to be written is. */
  private written: "own" | "shared" = "shared";

  constructor(threads: number, provider: Provider, singleKernels: SingleKernels, eager: EagerSessions) {
    super();
    this.threads = threads;
    this.provider = provider;
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
    try {
      return withTraceGuards(body);
    } finally {
      this.trace = undefined;
    }
  }

  override write(values: never, shape: number[], dtype: tf.DataType): object {
    const dataId = super.write(values, shape, dtype as never);
    if (this.trace && values !== undefined) this.made.add(dataId);
    if (ArrayBuffer.isView(values)) this.buffers.set((values as HostData).buffer, this.written);
    return dataId;
  }

  /** Of what a kernel computed: unlike an array from outside it is nobody else's, unless it is a view of another's. */
  override makeTensorInfo(shape: number[], dtype: tf.DataType, values?: never): tf.TensorInfo {
    const isNew = ArrayBuffer.isView(values) && !this.buffers.has((values as HostData).buffer);
    this.written = isNew ? "own" : "shared";
    const info = super.makeTensorInfo(shape, dtype as never, values as never) as tf.TensorInfo;
    this.written = "shared";
    return info;
  }

  override readSync(dataId: object): never {
    if (this.trace && !this.made.has(dataId)) throw this.trace.refuse(readWhileTracing());
    const values = super.readSync(dataId) as HostData;
    if (this.overwritten.has(values)) return values.slice() as never;
    if (ArrayBuffer.isView(values)) this.buffers.set(values.buffer, "shared");
    return values as never;
  }

  override read(dataId: object): Promise<never> {
    if (!this.trace || this.made.has(dataId)) return Promise.resolve(this.readSync(dataId));
    this.trace.refuse(readWhileTracing());
    return new Promise(() => {}); // whoever waits is part of a call that has failed
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

  /** One kernel call: recorded while tracing, else on ONNX Runtime where that pays, else in JavaScript. */
  runKernel(
    config: tf.KernelConfig,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    try {
      if (this.trace) return this.trace.kernel(config.kernelName, inputs, attributes);
      const result = this.eager.run(config.kernelName, inputs, attributes, this.feedInfo);
      if (result) return Array.isArray(result) ? result.map(this.keep) : this.keep(result);
      const plain = plainKernels[config.kernelName]?.(inputs as never, attributes, this.plainStore);
      if (plain) return Array.isArray(plain) ? plain.map(this.keepPlain) : this.keepPlain(plain);
      return this.runCpuKernel(config, inputs, attributes);
    } catch (error) {
      throw kernelError(config.kernelName, inputs, error);
    }
  }

  private runCpuKernel(
    config: tf.KernelConfig,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): tf.TensorInfo | tf.TensorInfo[] {
    if (attributes.axis < 0 && config.kernelName.startsWith("Cum")) {
      // tfjs-cpu's cumulative kernels only know axes counted from the front.
      attributes = { ...attributes, axis: attributes.axis + inputs.x!.shape.length };
    }
    const result = config.kernelFunc({ inputs, attrs: attributes as never, backend: this });
    if (/Conv|Pool|Dilation/.test(config.kernelName)) {
      assertLengths(
        config.kernelName,
        presentInputs(inputs).map(([, info]) => info),
        [result].flat(),
      );
    }
    // The one kernel that hands in its array as if it came from outside; optimizers' state begins so.
    if (config.kernelName === "Fill") {
      const filled = this.values((result as tf.TensorInfo).dataId);
      if (ArrayBuffer.isView(filled)) this.buffers.set(filled.buffer, "own");
    }
    return result;
  }

  private readonly plainStore: PlainStore = {
    dataOf: ({ dataId }) => {
      const values = this.values(dataId);
      return ArrayBuffer.isView(values) ? values : undefined;
    },
    floats: (size) => {
      const used = this.pool.take(size);
      if (used) return used;
      const array = new Float32Array(size);
      this.buffers.set(array.buffer, "pooled");
      return array;
    },
  };

  private readonly feedInfo = ({ dataId, dtype }: tf.TensorInfo): GraphData =>
    viewAs(this.values(dataId) as HostData, graphType(dtype, BACKEND_NAME));

  private readonly keep = ({ data, type, shape }: EagerResult): tf.TensorInfo =>
    this.makeTensorInfo(shape, type as never, data as never) as tf.TensorInfo;

  private readonly keepPlain = ({ data, type, shape, isView }: PlainResult): tf.TensorInfo => {
    if (isView || !(data instanceof Float32Array)) return this.keep({ data, type, shape });
    return { dataId: super.write(data as never, shape as never, type), shape, dtype: type } as tf.TensorInfo;
  };

  override disposeData(dataId: object, force?: boolean): boolean {
    const entry = this.data.has(dataId as never) ? this.values(dataId) : undefined;
    const isGone = super.disposeData(dataId as never, force);
    if (isGone && entry instanceof Float32Array && this.buffers.get(entry.buffer) === "pooled") {
      this.pool.give(entry);
    }
    return isGone;
  }

  override dispose(): void {
    super.dispose();
    this.eager.dispose();
    this.pool.clear();
  }

  /** The data of a tensor as an array that ONNX Runtime takes. Moves it here from another backend if need be. */
  feed(dataId: object, dtype: string): GraphData {
    const values = this.values(dataId);
    if (values === undefined)
      throw new SymgradError("E_TRACE", "jit: a tensor that only exists inside a trace was used outside it.");
    // A run reads it later, when the tensor may be disposed.
    if (ArrayBuffer.isView(values) && this.buffers.get(values.buffer) === "pooled")
      this.buffers.set(values.buffer, "own");
    return viewAs(values as HostData, graphType(dtype, BACKEND_NAME));
  }

  /** The array of float32 data to be overwritten with new values: its own if nobody else sees it, else a new one. */
  overwritable(dataId: object): Float32Array {
    const values = this.values(dataId) as Float32Array;
    const owner = this.buffers.get(values.buffer);
    const isOwn = (owner === "own" || owner === "pooled") && this.refCount(dataId as never) === 1;
    const target = isOwn ? values : new Float32Array(values.length);
    this.overwritten.add(target);
    return target;
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
 * call with another number of threads or another provider replaces it; tensors come along, compiled graphs do not.
 *
 * @throws SymgradError `E_BACKEND` if the native library does not load, or the provider does not work on this machine;
 *   `E_RANGE` if `threads` is not a positive integer; `E_NAME` for an unknown provider.
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
  const provider = await chooseProvider(options.provider ?? "cpu");
  const registered = tf.findBackend(BACKEND_NAME) as unknown as OnnxRuntimeBackend | null;
  if (registered) {
    const { threads: t, provider: p, singleKernels: k } = registered;
    if (t === threads && p === provider && k === singleKernels) return;
    tf.removeBackend(BACKEND_NAME);
  }
  const eager = await EagerSessions.create(threads, singleKernels);
  // Above tfjs-cpu (1) and tfjs-wasm (2): the default once registered.
  tf.registerBackend(
    BACKEND_NAME,
    () => new OnnxRuntimeBackend(threads, provider, singleKernels, eager) as never,
    3,
  );
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
