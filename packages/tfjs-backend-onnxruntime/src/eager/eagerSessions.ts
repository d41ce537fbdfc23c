import { createRequire } from "node:module";
import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { encodeModel, prune } from "../graph/encodeModel";
import { Graph, type GraphData, type GraphType, type Value } from "../graph/graph";
import { kernelRules, type RuleInputs } from "../kernels";
import { presentInputs, type RuleAttributes, sizeOf } from "../kernels/rule";
import { sessionOptions } from "../runtime";
import { graphType } from "../trace";
import { operationsOf, savedMicroseconds } from "./savedMicroseconds";

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
type OrtTensor = new (type: string, data: unknown, shape: readonly number[]) => object;

/**
 * Which single kernels, outside `jit`, run on ONNX Runtime: those that it runs faster (`auto`), every one that it can
 * run (`always`, to test with) or none (`never`).
 */
export type SingleKernels = "auto" | "always" | "never";

export interface EagerResult {
  data: GraphData;
  type: GraphType;
  shape: number[];
}

/** A session call costs this much, whatever it computes: feeds, fetches, a copy of the output. */
const CALL_MICROSECONDS = 20;
/** Building a session costs this much; it is built once it would have saved as much. */
const BUILD_MICROSECONDS = 2_000;
/** Operations that are worth several threads. A session keeps a thread pool of its own, so only large ones get one. */
const THREADED_OPERATIONS = 500_000;
const MAX_SESSIONS = 128;

interface CompiledKernel {
  session: NativeSession;
  inputs: readonly Value[];
  outputs: readonly Value[];
  /** The kernel returns a list. */
  several: boolean;
}

/**
 * Single kernels on ONNX Runtime, outside a trace: one session per kernel, shapes and attributes, the least recently
 * used one dropped. TensorFlow.js kernels are synchronous, so this needs the native binding's own `run`; where that
 * private path is missing nothing is sent here.
 */
export class EagerSessions {
  private readonly compiled = new Map<string, CompiledKernel>();
  /** Microseconds that would have been saved on kernels that have no session yet. */
  private readonly spent = new Map<string, number>();
  /** Kernels whose attributes no rule takes. */
  private readonly refused = new Set<string>();

  private constructor(
    private readonly binding: NativeBinding["binding"] | undefined,
    private readonly Tensor: OrtTensor | undefined,
    private readonly threads: number,
    private readonly policy: SingleKernels,
  ) {}

  static async create(threads: number, policy: SingleKernels): Promise<EagerSessions> {
    try {
      const require = createRequire(import.meta.url);
      const native = require("onnxruntime-node/dist/binding.js") as NativeBinding;
      const { Tensor } = require("onnxruntime-node") as { Tensor: never };
      native.initOrt();
      const sessions = new EagerSessions(native.binding, Tensor, threads, policy);
      sessions.probe();
      return sessions;
    } catch {
      return new EagerSessions(undefined, undefined, threads, "never");
    }
  }

  /** Runs a kernel, or returns undefined where another one is to serve. */
  run(
    kernelName: string,
    inputs: tf.NamedTensorInfoMap,
    attributes: RuleAttributes,
    feed: (info: tf.TensorInfo) => GraphData,
  ): EagerResult | EagerResult[] | undefined {
    if (this.policy === "never") return undefined;
    const micros = savedMicroseconds(kernelName, inputs, attributes);
    if (this.policy === "auto" && micros < CALL_MICROSECONDS) return undefined;
    if (!kernelRules[kernelName]) return undefined;
    const present = presentInputs(inputs);
    if (!present.every(([, info]) => isComputable(info))) return undefined;
    const key = `${kernelName}${present.map(([name, info]) => `${name}:${info.dtype}[${info.shape}]`)}${JSON.stringify(attributes)}`;
    const kernel = this.find(key, micros, () => this.compile(kernelName, inputs, present, attributes));
    if (!kernel) return undefined;
    const feeds: Record<string, object> = {};
    present.forEach(([, info], i) => {
      const input = kernel.inputs[i]!;
      feeds[input.name] = new this.Tensor!(input.type, feed(info), input.shape);
    });
    const fetches = Object.fromEntries(kernel.outputs.map(({ name }) => [name, null]));
    const results = kernel.session.run(feeds, fetches, {});
    const list = kernel.outputs.map(({ name, type, shape }) => ({
      data: results[name]!.data,
      type,
      shape: [...shape],
    }));
    return kernel.several ? list : list[0]!;
  }

  /** Releases every session. */
  dispose(): void {
    for (const { session } of this.compiled.values()) session.dispose();
    this.compiled.clear();
    this.spent.clear();
  }

  private find(key: string, micros: number, compile: () => CompiledKernel): CompiledKernel | undefined {
    const known = this.compiled.get(key);
    if (known) {
      this.compiled.delete(key);
      this.compiled.set(key, known);
      return known;
    }
    if (this.refused.has(key)) return undefined;
    if (this.policy === "auto") {
      const spent = (this.spent.get(key) ?? 0) + micros;
      if (spent < BUILD_MICROSECONDS) {
        if (this.spent.size > 4096) this.spent.clear();
        this.spent.set(key, spent);
        return undefined;
      }
      this.spent.delete(key);
    }
    try {
      const kernel = compile();
      this.compiled.set(key, kernel);
      this.evict();
      return kernel;
    } catch (error) {
      // A rule refuses what ONNX cannot say (E_TRACE); tfjs-cpu's kernel can.
      if (!(error instanceof SymgradError) || error.code !== "E_TRACE") throw error;
      this.refused.add(key);
      return undefined;
    }
  }

  private compile(
    kernelName: string,
    inputs: tf.NamedTensorInfoMap,
    present: readonly (readonly [string, tf.TensorInfo])[],
    attributes: RuleAttributes,
  ): CompiledKernel {
    const graph = new Graph();
    const values = present.map(([, info]) => graph.input(graphType(info.dtype, kernelName), info.shape));
    const named = Array.isArray(inputs)
      ? values
      : Object.fromEntries(present.map(([name], i) => [name, values[i]!]));
    const result = kernelRules[kernelName]!(graph, named as unknown as RuleInputs, attributes);
    const several = Array.isArray(result);
    // Every output is a node of its own, also where a rule returns an input or one value twice.
    const outputs = (several ? (result as Value[]) : [result as Value]).map((value) => graph.output(value));
    const model = encodeModel(prune(graph, outputs), outputs);
    const session = new this.binding!.InferenceSession();
    const isLarge = operationsOf(kernelName, inputs, attributes) >= THREADED_OPERATIONS;
    const threads = isLarge ? this.threads : 1;
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, sessionOptions({ threads }));
    return { session, inputs: values, outputs, several };
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
    const product = this.compile(
      "BatchMatMul",
      { a: info, b: info },
      [
        ["a", info],
        ["b", info],
      ],
      {},
    );
    const feeds = Object.fromEntries(
      product.inputs.map(({ name }) => [name, new this.Tensor!("float32", Float32Array.of(3), [1, 1])]),
    );
    const name = product.outputs[0]!.name;
    const result = product.session.run(feeds, { [name]: null }, {})[name]!;
    product.session.dispose();
    if (result.data[0] !== 9) throw new Error("onnxruntime-node's synchronous run gave a wrong product");
  }
}

/** Numbers, and at least one of them. */
function isComputable({ dtype, shape }: tf.TensorInfo): boolean {
  return (dtype === "float32" || dtype === "int32" || dtype === "bool") && sizeOf(shape) > 0;
}
