import * as tf from "@tensorflow/tfjs";
import type { OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import { encodeModel, prune } from "../graph/encodeModel";
import type { GraphData, Value } from "../graph/graph";
import { Session } from "../runtime";
import type { Feed } from "../trace";
import { holdData, releaseData } from "./heldData";
import type { Leaf } from "./leaves";
import type { TracedCall } from "./traceCall";

/** One traced signature: a session, where its inputs come from, and what to do with its outputs. */
export class Compiled {
  private constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly traced: TracedCall,
    private readonly session: Session,
    /** The session's inputs and where each gets its data; fewer than were traced, where some are not used. */
    private readonly inputs: readonly { value: Value; feed: Feed }[],
    /** The function's results, then the new values of the variables it assigned. */
    private readonly outputs: readonly Value[],
    /** Nodes of the graph. */
    readonly nodes: number,
  ) {}

  static async create(backend: OnnxRuntimeBackend, traced: TracedCall): Promise<Compiled> {
    const { graph, feeds } = traced.trace;
    const outputs = [...traced.results, ...traced.state.map(({ value }) => value)];
    const pruned = prune(graph, outputs);
    const used = new Set(pruned.inputs);
    const inputs = graph.inputs
      .map((value, i) => ({ value, feed: feeds[i]! }))
      .filter(({ value }) => used.has(value));
    // The graph reads captured tensors at every run: hold them even if their owner lets go.
    const captured = capturedBy(inputs);
    captured.forEach(holdData);
    try {
      const session = await Session.create(encodeModel(pruned, outputs), pruned.inputs, outputs, backend);
      return new Compiled(backend, traced, session, inputs, outputs, pruned.nodes.length);
    } catch (error) {
      captured.forEach(releaseData);
      throw error;
    }
  }

  /** @param leaves Of the arguments of this call, whose signature must be the traced one's. */
  async run(leaves: readonly Leaf[]): Promise<unknown> {
    const { backend, traced } = this;
    const hosts = leaves.flatMap((leaf) => (leaf.kind === "host" ? [leaf.argument] : []));
    for (const [i, { bind }] of traced.hosts.entries()) bind(hosts[i]);
    const tensors = leaves.flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor] : []));
    const feeds = this.inputs.map(({ value, feed }) => readFeed(backend, feed, tensors, value));
    const data = await this.session.run(feeds);
    const made = this.outputs.map((output, i) => makeTensor(backend, data[i]!, output));
    const count = traced.results.length;
    for (const [i, { variable }] of traced.state.entries()) {
      // A new buffer, as assign does: clones of the variable share the old one and keep its value.
      variable.assign(made[count + i]!);
      made[count + i]!.dispose();
    }
    return traced.rebuild(made.slice(0, count));
  }

  async release(): Promise<void> {
    capturedBy(this.inputs).forEach(releaseData);
    await this.session.release();
  }
}

function capturedBy(inputs: readonly { feed: Feed }[]): object[] {
  return inputs.flatMap(({ feed }) => (feed.from === "captured" ? [feed.dataId] : []));
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
