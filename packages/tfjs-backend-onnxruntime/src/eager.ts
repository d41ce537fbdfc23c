import { createRequire } from "node:module";
import type * as tf from "@tensorflow/tfjs";
import { encodeModel, prune } from "./graph/encodeModel";
import { Graph, type GraphData, type GraphType, type Value } from "./graph/graph";
import { kernelRules, type RuleInputs } from "./kernels";
import type { RuleAttributes } from "./kernels/rule";
import { sessionOptions } from "./runtime";
import { graphType } from "./trace";

/** The synchronous session of onnxruntime-node's native binding: its public `run` only returns promises. */
interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void;
  run(feeds: object, fetches: object, options: object): Record<string, { data: GraphData }>;
  dispose(): void;
}
interface NativeBinding {
  initOrt(): void;
  binding: { InferenceSession: new () => NativeSession };
}

/** Below this many multiplications tfjs-cpu's loop is done before a session call starts. */
const MIN_MULTIPLICATIONS = 20_000;
const MAX_SESSIONS = 128;

interface CompiledKernel {
  session: NativeSession;
  inputs: readonly Value[];
  output: Value;
}

/**
 * Single kernels on ONNX Runtime, outside a trace: one session per kernel and shapes, the least recently used one
 * dropped. TensorFlow.js kernels are synchronous, so this needs the native binding's own `run`; where that private
 * path is missing nothing is sent here and tfjs-cpu's kernels serve.
 */
export class EagerSessions {
  private readonly compiled = new Map<string, CompiledKernel>();

  private constructor(
    private readonly binding: NativeBinding["binding"] | undefined,
    private readonly Tensor:
      | (new (
          type: string,
          data: unknown,
          shape: readonly number[],
        ) => object)
      | undefined,
  ) {}

  static async create(): Promise<EagerSessions> {
    try {
      const require = createRequire(import.meta.url);
      const native = require("onnxruntime-node/dist/binding.js") as NativeBinding;
      const { Tensor } = require("onnxruntime-node") as { Tensor: never };
      native.initOrt();
      const sessions = new EagerSessions(native.binding, Tensor);
      sessions.probe();
      return sessions;
    } catch {
      return new EagerSessions(undefined, undefined);
    }
  }

  /** True for kernels whose arithmetic outweighs the call, about 10 microseconds. */
  pays(kernelName: string, inputs: tf.NamedTensorInfoMap): boolean {
    if (!this.binding || kernelName !== "BatchMatMul") return false;
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (a.dtype !== "float32" || b.dtype !== "float32") return false;
    const size = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
    return size(a.shape) * Math.min(...b.shape.slice(-2)) >= MIN_MULTIPLICATIONS && size(b.shape) > 0;
  }

  run(
    kernelName: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
    feed: (info: tf.TensorInfo) => GraphData,
  ): { data: GraphData; type: GraphType; shape: number[] } {
    const names = Object.keys(inputs);
    const key = `${kernelName}${names.map((name) => `${name}:${inputs[name]!.dtype}[${inputs[name]!.shape}]`)}${JSON.stringify(attributes)}`;
    const kernel = this.compiled.get(key) ?? this.compile(kernelName, names, inputs, attributes);
    this.compiled.delete(key);
    this.compiled.set(key, kernel);
    this.evict();
    const feeds: Record<string, object> = {};
    names.forEach((name, i) => {
      const input = kernel.inputs[i]!;
      feeds[input.name] = new this.Tensor!(input.type, feed(inputs[name]!), input.shape);
    });
    const result = kernel.session.run(feeds, { [kernel.output.name]: null }, {})[kernel.output.name]!;
    return { data: result.data, type: kernel.output.type, shape: [...kernel.output.shape] };
  }

  private compile(
    kernelName: string,
    names: readonly string[],
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
  ): CompiledKernel {
    const graph = new Graph();
    const values: Record<string, Value> = {};
    for (const name of names) {
      const info = inputs[name]!;
      values[name] = graph.input(graphType(info.dtype, kernelName), info.shape);
    }
    const output = kernelRules[kernelName]!(graph, values as RuleInputs, attributes) as Value;
    const model = encodeModel(prune(graph, [output]), [output]);
    const session = new this.binding!.InferenceSession();
    // One thread: many small sessions would otherwise each keep a pool of their own.
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, sessionOptions({ threads: 1 }));
    return { session, inputs: graph.inputs, output };
  }

  private evict(): void {
    if (this.compiled.size <= MAX_SESSIONS) return;
    const [oldest, kernel] = this.compiled.entries().next().value!;
    kernel.session.dispose();
    this.compiled.delete(oldest);
  }

  /** The private path may change with any release of onnxruntime-node: one known product tells whether it works. */
  private probe(): void {
    const info = { shape: [1, 1], dtype: "float32", dataId: {} } as tf.TensorInfo;
    const { data } = this.run("BatchMatMul", { a: info, b: info }, {}, () => Float32Array.of(3));
    if (data[0] !== 9) throw new Error("onnxruntime-node's synchronous run gave a wrong product");
  }
}
