import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend, type OnnxRuntimeBackend } from "./backend";
import { SymgradError } from "./errors";
import { encodeModel, prune } from "./graph/encodeModel";
import type { GraphData, Value } from "./graph/graph";
import { Session } from "./runtime";
import { type Feed, type HostData, Trace } from "./trace";

/**
 * The protocol of an argument that is no tensor and yet changes from call to call, such as a random key: the traced
 * function receives the placeholder, and each run binds it to the argument it was really called with.
 */
export const hostArgument: unique symbol = Symbol.for("symgrad.hostArgument") as never;

export interface HostArgument {
  [hostArgument](): { placeholder: unknown; bind(actual: unknown): void };
}

export interface JitOptions {
  /** Shown in errors. Default: the function's own name. */
  name?: string;
  /** Compiled graphs kept, one per combination of shapes; the least recently used one goes first. Default 32. */
  maxSignatures?: number;
}

export interface JitStats {
  /** How often the function was traced. */
  traces: number;
  /** Graphs kept at present. */
  signatures: number;
  /** Milliseconds spent tracing and compiling. */
  compileMs: number;
  /** Nodes of the last compiled graph. */
  nodes: number;
}

export interface JitFunction<Args extends unknown[], Result> {
  (...args: Args): Promise<Result>;
  /** Releases the compiled graphs. */
  dispose(): void;
  readonly stats: Readonly<JitStats>;
}

/** True while a function is being traced: values do not exist yet. */
export function isTracing(): boolean {
  return activeOnnxRuntimeBackend()?.activeTrace !== undefined;
}

/**
 * A tensor whose data JavaScript computes. Inside `jit` it becomes a graph input, computed anew at every run; outside
 * it is an ordinary tensor.
 *
 * @param shape Its shape; `compute` must return as many values.
 * @param dtype `float32`, `int32` or `bool`.
 * @param compute Called once per run, after the run's host arguments (random keys) are bound.
 */
export function hostTensor(
  shape: number[],
  dtype: "float32" | "int32" | "bool",
  compute: () => HostData,
): tf.Tensor {
  const trace = activeOnnxRuntimeBackend()?.activeTrace;
  if (!trace) return tf.tensor(compute(), shape, dtype);
  return tf.engine().makeTensorFromTensorInfo(trace.host(shape, dtype, compute));
}

/**
 * Compiles a function of tensors: its first call with some shapes records every TensorFlow.js kernel it runs
 * (gradients and variable updates included) as one ONNX graph, and each later call with these shapes is one session
 * run. On a backend that cannot trace, the function simply runs, with the same results.
 *
 * Tensors may sit in nested arrays, plain objects and Maps of the arguments and of the result. Numbers, strings,
 * booleans and other objects are part of the signature: another value means another trace, so what changes at every
 * call (a learning rate) must be a tensor. Variables are state: read at every run, updated where the function
 * assigns them. Other tensors that the function closes over are read at every run too.
 *
 * Results are new tensors that the caller disposes.
 *
 * @throws SymgradError `E_TRACE` if the function reads a tensor's value, draws from Math.random, makes a Variable,
 * is async, or uses a kernel that has no ONNX form.
 */
export function jit<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: JitOptions = {},
): JitFunction<Args, Result> {
  const name = options.name ?? (fn.name || "the function");
  const maxSignatures = options.maxSignatures ?? 32;
  const compiled = new Map<string, Promise<Compiled>>();
  const stats: JitStats = { traces: 0, signatures: 0, compileMs: 0, nodes: 0 };
  // Runs are strictly one after the other: the next one reads the variables that this one writes.
  let queue: Promise<unknown> = Promise.resolve();

  async function run(args: Args): Promise<Result> {
    const backend = activeOnnxRuntimeBackend();
    if (!backend) return runEagerly(fn, args, name);
    const leaves = flatten(args);
    const key = leaves.map((leaf) => leaf.signature).join("|");
    let entry = compiled.get(key);
    if (!entry) {
      entry = compile(backend, fn, args, name, stats);
      entry.catch(() => compiled.delete(key));
    }
    compiled.delete(key);
    compiled.set(key, entry);
    if (compiled.size > maxSignatures) {
      const [oldest, stale] = compiled.entries().next().value!;
      compiled.delete(oldest);
      void stale.then(
        (old) => old.release(),
        () => undefined,
      );
    }
    const step = await entry;
    stats.signatures = compiled.size;
    return step.run(backend, leaves) as Promise<Result>;
  }

  const jitted = (...args: Args): Promise<Result> => {
    if (isTracing()) {
      return Promise.reject(
        new SymgradError(
          "E_TRACE",
          `jit: ${name} is jitted and was called while another function is traced.`,
          {
            hint: "call the plain function inside; only the outermost one needs jit",
          },
        ),
      );
    }
    const result = queue.then(() => run(args));
    queue = result.catch(() => undefined);
    return result;
  };
  return Object.assign(jitted, {
    stats,
    dispose() {
      for (const entry of compiled.values())
        void entry.then(
          (step) => step.release(),
          () => undefined,
        );
      compiled.clear();
      stats.signatures = 0;
    },
  });
}

async function runEagerly<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  args: Args,
  name: string,
): Promise<Result> {
  let result: Result | undefined;
  tf.tidy(() => {
    result = fn(...args);
    refuseAsync(result, name);
    return flatten(result).flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor] : []));
  });
  return result as Result;
}

function refuseAsync(result: unknown, name: string): void {
  if (result instanceof Promise) {
    throw new SymgradError("E_TRACE", `jit: ${name} returned a promise.`, {
      hint: "make it synchronous; await what it needs before the call and pass that as arguments",
    });
  }
}

type Leaf =
  | { kind: "tensor"; tensor: tf.Tensor; signature: string }
  | { kind: "host"; argument: HostArgument; signature: string }
  | { kind: "static"; signature: string };

const identities = new WeakMap<object, number>();
let identityCount = 0;

function identity(object: object): number {
  let id = identities.get(object);
  if (id === undefined) {
    id = ++identityCount;
    identities.set(object, id);
  }
  return id;
}

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isHostArgument(value: object): value is HostArgument {
  return typeof (value as Partial<HostArgument>)[hostArgument] === "function";
}

/** Walks nested arrays, plain objects and Maps; `visit` may replace a leaf. The order is that of the containers. */
function mapLeaves(value: unknown, visit: (leaf: Leaf, value: unknown) => unknown): unknown {
  if (value instanceof tf.Variable)
    return visit({ kind: "static", signature: `variable#${identity(value)}` }, value);
  if (value instanceof tf.Tensor) {
    return visit({ kind: "tensor", tensor: value, signature: `${value.dtype}[${value.shape}]` }, value);
  }
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return visit({ kind: "static", signature: `${typeof value}:${String(value)}` }, value);
  }
  if (Array.isArray(value)) {
    visit({ kind: "static", signature: `[${value.length}` }, value);
    return value.map((item) => mapLeaves(item, visit));
  }
  if (ArrayBuffer.isView(value)) {
    throw new SymgradError(
      "E_TRACE",
      `jit: an argument or result holds a ${value.constructor.name}; its values would be baked into the graph.`,
      {
        hint: "wrap it in a tensor (tf.tensor) before the call",
      },
    );
  }
  if (value instanceof Map) {
    visit({ kind: "static", signature: `Map(${[...value.keys()].join()}` }, value);
    return new Map([...value].map(([key, item]) => [key, mapLeaves(item, visit)]));
  }
  if (isHostArgument(value)) return visit({ kind: "host", argument: value, signature: "host" }, value);
  if (isPlainObject(value)) {
    visit({ kind: "static", signature: `{${Object.keys(value).join()}` }, value);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapLeaves(item, visit)]));
  }
  return visit({ kind: "static", signature: `object#${identity(value)}` }, value);
}

function flatten(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(value, (leaf, original) => {
    leaves.push(leaf);
    return original;
  });
  return leaves;
}

/** One traced signature: a session, where its inputs come from, and what to do with its outputs. */
class Compiled {
  constructor(
    private readonly session: Session,
    private readonly feeds: readonly Feed[],
    private readonly hosts: readonly { bind(actual: unknown): void }[],
    private readonly inputs: readonly Value[],
    private readonly outputs: readonly Value[],
    private readonly state: readonly tf.Variable[],
    private readonly captured: readonly object[],
    private readonly rebuild: (tensors: readonly tf.Tensor[]) => unknown,
    private readonly backend: OnnxRuntimeBackend,
  ) {}

  async run(backend: OnnxRuntimeBackend, leaves: readonly Leaf[]): Promise<unknown> {
    let host = 0;
    for (const leaf of leaves) if (leaf.kind === "host") this.hosts[host++]!.bind(leaf.argument);
    const tensors = leaves.flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor] : []));
    const feeds = this.feeds.map((feed, i) => readFeed(backend, feed, tensors, this.inputs[i]!));
    const results = await this.session.run(feeds);
    const count = this.outputs.length - this.state.length;
    this.state.forEach((variable, i) => {
      // A new buffer, as assign does: clones of the variable share the old one and keep its value.
      const updated = makeTensor(backend, results[count + i]!, this.outputs[count + i]!);
      variable.assign(updated);
      updated.dispose();
    });
    return this.rebuild(
      this.outputs.slice(0, count).map((output, i) => makeTensor(backend, results[i]!, output)),
    );
  }

  async release(): Promise<void> {
    for (const dataId of this.captured) this.backend.disposeData(dataId as never);
    await this.session.release();
  }
}

function readFeed(
  backend: OnnxRuntimeBackend,
  feed: Feed,
  tensors: readonly tf.Tensor[],
  input: Value,
): GraphData {
  switch (feed.from) {
    case "argument": {
      const tensor = tensors[feed.index]!;
      if (tensor.isDisposed)
        throw new SymgradError(
          "E_SHAPE",
          `jit: tensor argument ${feed.index} (${tensor.dtype}[${tensor.shape}]) is disposed.`,
          { hint: "dispose it after the call has been awaited" },
        );
      return backend.feed(tensor.dataId, tensor.dtype);
    }
    case "variable":
      if (feed.variable.isDisposed)
        throw new SymgradError(
          "E_SHAPE",
          `jit: the variable "${feed.variable.name}" of shape [${feed.variable.shape}] is disposed.`,
          { hint: "keep the variables of a jitted function until its last call" },
        );
      return backend.feed(feed.variable.dataId, feed.variable.dtype);
    case "captured":
      return backend.feed(feed.dataId, input.type);
    case "host": {
      const data = feed.compute();
      const size = feed.shape.reduce((product, axis) => product * axis, 1);
      if (data.length !== size)
        throw new SymgradError(
          "E_SHAPE",
          `hostTensor: \`compute\` must return ${size} values for shape [${feed.shape}], got ${data.length}.`,
        );
      return data;
    }
  }
}

function makeTensor(backend: OnnxRuntimeBackend, data: GraphData, output: Value): tf.Tensor {
  const info = backend.makeTensorInfo([...output.shape], output.type as never, data as never);
  return tf.engine().makeTensorFromTensorInfo(info as tf.TensorInfo);
}

async function compile(
  backend: OnnxRuntimeBackend,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  name: string,
  stats: JitStats,
): Promise<Compiled> {
  const start = performance.now();
  const traced = traceCall(backend, fn, args, name);
  const outputs = [...traced.results, ...traced.state.map(({ value }) => value)];
  const graph = prune(traced.trace.graph, outputs);
  const used = new Set(graph.inputs.map((input) => input.name));
  const kept = traced.trace.graph.inputs
    .map((input, i) => ({ input, feed: traced.trace.feeds[i]! }))
    .filter(({ input }) => used.has(input.name));
  const session = await Session.create(encodeModel(graph, outputs), graph.inputs, outputs, {
    threads: backend.threads,
  });
  // The graph reads captured tensors at every run: hold them even if their owner lets go.
  const captured = kept.flatMap(({ feed }) => (feed.from === "captured" ? [feed.dataId as object] : []));
  for (const dataId of captured) backend.incRef(dataId as never);
  stats.traces++;
  stats.nodes = graph.nodes.length;
  stats.compileMs += performance.now() - start;
  return new Compiled(
    session,
    kept.map(({ feed }) => feed),
    traced.hosts,
    graph.inputs,
    outputs,
    traced.state.map(({ variable }) => variable),
    captured,
    traced.rebuild,
    backend,
  );
}

interface TracedCall {
  trace: Trace;
  results: Value[];
  state: { variable: tf.Variable; value: Value }[];
  hosts: { bind(actual: unknown): void }[];
  rebuild: (tensors: readonly tf.Tensor[]) => unknown;
}

/** Calls the function once with symbols in place of tensors and leaves every variable as it was. */
function traceCall(
  backend: OnnxRuntimeBackend,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  name: string,
): TracedCall {
  const registered = tf.engine().registeredVariables;
  const before = new Map(Object.values(registered).map((variable) => [variable, variable.dataId as object]));
  const trace = new Trace(backend, before);
  const hosts: { bind(actual: unknown): void }[] = [];
  // Assigning releases a variable's old data; hold it until the variable has it back.
  for (const [variable, dataId] of before) backendOf(variable).incRef(dataId);
  let traced: TracedCall | undefined;
  try {
    tf.tidy(() => {
      let tensorIndex = 0;
      const symbols = mapLeaves(args, (leaf, original) => {
        if (leaf.kind === "tensor") {
          return tf
            .engine()
            .makeTensorFromTensorInfo(trace.argument(tensorIndex++, leaf.tensor.shape, leaf.tensor.dtype));
        }
        if (leaf.kind === "host") {
          const { placeholder, bind } = leaf.argument[hostArgument]();
          hosts.push({ bind });
          return placeholder;
        }
        return original;
      }) as never[];
      const result = backend.record(trace, () => fn(...symbols));
      refuseAsync(result, name);
      const fresh = Object.keys(tf.engine().registeredVariables).filter(
        (key) => !before.has(tf.engine().registeredVariables[key]!),
      );
      if (fresh.length > 0) {
        for (const key of fresh) tf.engine().registeredVariables[key]!.dispose();
        throw new SymgradError("E_TRACE", `jit: ${name} made the variable "${fresh[0]}" while tracing.`, {
          hint: "make variables (and optimizers' slots) before the call; the function may only assign them",
        });
      }
      const results: Value[] = [];
      const template = mapLeaves(result, (leaf, original) => {
        if (leaf.kind !== "tensor") return original;
        results.push(trace.graph.output(trace.value(leaf.tensor)));
        return new ResultSlot(results.length - 1);
      });
      const state = [...before]
        .filter(([variable, dataId]) => variable.dataId !== dataId)
        .map(([variable]) => ({ variable, value: trace.graph.output(trace.value(variable)) }));
      traced = { trace, results, state, hosts, rebuild: (tensors) => fill(template, tensors) };
    });
    return traced!;
  } finally {
    restore(before);
  }
}

/** Where a result's container holds a tensor: the position among the graph's outputs. */
class ResultSlot {
  constructor(readonly index: number) {}
}

/** Puts tensors into the slots of a result's containers. */
function fill(template: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (template instanceof ResultSlot) return tensors[template.index];
  if (Array.isArray(template)) return template.map((item) => fill(item, tensors));
  if (template instanceof Map) return new Map([...template].map(([key, item]) => [key, fill(item, tensors)]));
  if (template !== null && typeof template === "object" && isPlainObject(template)) {
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fill(item, tensors)]));
  }
  return template;
}

interface RefCounting {
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
}

function backendOf(variable: tf.Variable): RefCounting {
  const engine = tf.engine() as unknown as {
    state: { tensorInfo: { get(dataId: object): { backend: RefCounting } } };
  };
  return engine.state.tensorInfo.get(variable.dataId).backend;
}

function restore(before: ReadonlyMap<tf.Variable, object>): void {
  for (const [variable, dataId] of before) {
    const assigned = variable.dataId as object;
    const backend = backendOf(variable);
    if (assigned !== dataId) {
      const engine = tf.engine() as unknown as { removeDataId(dataId: object, backend: RefCounting): void };
      if (backend.disposeData(assigned)) engine.removeDataId(assigned, backend);
      (variable as { dataId: object }).dataId = dataId;
    } else {
      backend.disposeData(dataId);
    }
  }
}
