import * as tf from "@tensorflow/tfjs";
import type { OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import { encodeModel, type PrunedGraph, prune } from "../graph/encodeModel";
import type { GraphData, Value } from "../graph/graph";
import { Session } from "../runtime";
import type { Feed } from "../trace";
import { planUpdates } from "../update/planUpdates";
import { holdData, releaseData } from "./heldData";
import { InPlaceUpdate } from "./inPlaceUpdate";
import type { Leaf } from "./leaves";
import { SessionOutputs } from "./sessionOutputs";
import type { TracedCall } from "./traceCall";

/** One traced signature: a session, where its inputs come from, and what to do with its outputs. */
export class Compiled {
  private constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly traced: TracedCall,
    /** None where nothing is left for it to return. */
    private readonly session: Session | undefined,
    private readonly plan: Plan,
    /** The graph's inputs that a run reads, and where each gets its data. */
    private readonly feeds: readonly { value: Value; feed: Feed }[],
    /** Nodes of the graph. */
    readonly nodes: number,
  ) {}

  static async create(backend: OnnxRuntimeBackend, traced: TracedCall): Promise<Compiled> {
    const { graph, feeds } = traced.trace;
    const plan = planOutputs(backend, traced);
    const outputs = plan.outputs.values;
    const pruned = prune(graph, outputs);
    const used = new Set([...pruned.inputs, ...plan.updates.flatMap(({ fed }) => [...fed])]);
    const inputs = graph.inputs
      .map((value, i) => ({ value, feed: feeds[i]! }))
      .filter(({ value }) => used.has(value));
    // The graph reads captured tensors at every run: hold them even if their owner lets go.
    const captured = capturedBy(inputs);
    captured.forEach(holdData);
    try {
      const session =
        outputs.length > 0
          ? await Session.create(encodeModel(inOrderOfRun(pruned), outputs), pruned.inputs, outputs, backend)
          : undefined;
      return new Compiled(backend, traced, session, plan, inputs, pruned.nodes.length);
    } catch (error) {
      captured.forEach(releaseData);
      throw error;
    }
  }

  /** @param leaves Of the arguments of this call, whose signature must be the traced one's. */
  async run(leaves: readonly Leaf[]): Promise<unknown> {
    const { backend, traced, plan } = this;
    const hosts = leaves.flatMap((leaf) => (leaf.kind === "host" ? [leaf.argument] : []));
    for (const [i, { bind }] of traced.hosts.entries()) bind(hosts[i]);
    const tensors = leaves.flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor] : []));
    const fed = new Map(
      this.feeds.map(({ value, feed }) => [value, readFeed(backend, traced.name, feed, tensors, value)]),
    );
    const returned = (await this.session?.run(fed)) ?? [];
    const tensorAt = (place: number) => makeTensor(backend, returned[place]!, plan.outputs.values[place]!);
    const results = plan.results.map(tensorAt);
    for (const update of plan.updates) update.run({ fed, returned });
    for (const { variable, place } of plan.assigned) {
      // A new buffer, as assign does: clones of the variable share the old one and keep its value.
      const value = tensorAt(place);
      variable.assign(value);
      value.dispose();
    }
    return traced.rebuild(results);
  }

  async release(): Promise<void> {
    capturedBy(this.feeds).forEach(releaseData);
    await this.session?.release();
  }
}

/**
 * ONNX Runtime runs nodes depth first, from the outputs back; of several that it may take first, the one that was written
 * last. Written backwards they run nearly as recorded: a weight's gradient as soon as it can be computed, rather than at
 * the very end, for which every activation would have to be kept.
 */
function inOrderOfRun(graph: PrunedGraph): PrunedGraph {
  return { ...graph, nodes: graph.nodes.toReversed() };
}

/** What the session returns, and who takes it. */
interface Plan {
  outputs: SessionOutputs;
  /** Places of the function's results. */
  results: readonly number[];
  /** Variables that take a returned array as it is. */
  assigned: readonly { variable: tf.Variable; place: number }[];
  /** Variables that are updated in place afterwards. */
  updates: readonly InPlaceUpdate[];
}

function planOutputs(backend: OnnxRuntimeBackend, { trace, results, state }: TracedCall): Plan {
  const { graph } = trace;
  const updates = planUpdates(graph, state, results);
  const updated = new Set(updates.flatMap(({ targets }) => targets));
  const outputs = new SessionOutputs(graph);
  const kernels = new Map();
  return {
    outputs,
    results: results.map((value) => outputs.own(value)),
    assigned: state.flatMap(({ variable, value }, i) =>
      updated.has(i) ? [] : [{ variable, place: outputs.own(value) }],
    ),
    updates: updates.map((update) => {
      const variables = update.targets.map((target) => state[target]!.variable);
      return new InPlaceUpdate(backend, update, variables, graph, outputs, kernels);
    }),
  };
}

function capturedBy(inputs: readonly { feed: Feed }[]): object[] {
  return inputs.flatMap(({ feed }) => (feed.from === "captured" ? [feed.dataId] : []));
}

function readFeed(
  backend: OnnxRuntimeBackend,
  name: string,
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
          `jit: tensor argument ${feed.index} (${tensor.dtype}[${tensor.shape}]) of ${name} is disposed.`,
          { hint: "dispose it after the call has been awaited" },
        );
      return backend.feed(tensor.dataId, tensor.dtype);
    }
    case "variable":
      if (feed.variable.isDisposed)
        throw new SymgradError(
          "E_SHAPE",
          `jit: the variable "${feed.variable.name}" of shape [${feed.variable.shape}], which ${name} reads, is disposed.`,
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
