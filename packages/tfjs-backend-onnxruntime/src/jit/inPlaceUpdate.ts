import * as tf from "@tensorflow/tfjs";
import type { OnnxRuntimeBackend } from "../backend";
import type { Graph, GraphData, Value } from "../graph/graph";
import { type CompiledProgram, compileProgram } from "../update/compileProgram";
import type { Update } from "../update/planUpdates";
import { runProgram, type SparseRows } from "../update/runProgram";
import type { SessionOutputs } from "./sessionOutputs";

/** Where an update finds an array: fed to the graph, stored in it, or returned by the session. */
type Source =
  | { readonly from: "fed"; readonly input: Value }
  | { readonly from: "constant"; readonly data: GraphData }
  | { readonly from: "returned"; readonly place: number };

/** A tensor's array, or the rows that a sparse one is the sum of. */
type TensorSource = Source | { readonly rows: Source; readonly ids: Source };

/** Arrays of a run: what the graph's inputs were fed, and what the session returned. */
export interface RunArrays {
  readonly fed: ReadonlyMap<Value, GraphData>;
  readonly returned: readonly GraphData[];
}

/** One pass over variables and gradients after each run of the session. */
export class InPlaceUpdate {
  /** Graph inputs that this update reads. */
  readonly fed = new Set<Value>();
  private readonly compiled: CompiledProgram;
  private readonly inputs: readonly TensorSource[];
  private readonly scalars: readonly Source[];

  /**
   * @param variables Of the update's targets.
   * @param outputs Receives what the session must return for this update.
   * @param kernels Shared by the updates of one graph.
   */
  constructor(
    private readonly backend: OnnxRuntimeBackend,
    private readonly update: Update,
    private readonly variables: readonly tf.Variable[],
    private readonly graph: Graph,
    private readonly outputs: SessionOutputs,
    kernels: Map<string, CompiledProgram>,
  ) {
    this.compiled = compileProgram(update.program, kernels);
    this.inputs = update.program.inputs.map((value) => {
      const sum = this.graph.rowSums.get(value.name);
      return sum ? { rows: this.source(sum.rows), ids: this.source(sum.ids) } : this.source(value);
    });
    this.scalars = update.program.scalars.map((value) => this.source(value));
  }

  private source(value: Value): Source {
    if (this.graph.producer(value)) return { from: "returned", place: this.outputs.share(value) };
    const constant = this.graph.constants.get(value.name);
    if (constant) return { from: "constant", data: constant.data };
    this.fed.add(value);
    return { from: "fed", input: value };
  }

  run({ fed, returned }: RunArrays): void {
    const array = (source: Source): GraphData => {
      if (source.from === "constant") return source.data;
      return source.from === "fed" ? fed.get(source.input)! : returned[source.place]!;
    };
    const inputs = this.inputs.map((source) =>
      "rows" in source
        ? ({ rows: array(source.rows), ids: array(source.ids) } as SparseRows)
        : (array(source) as Float32Array),
    );
    const scalars = this.scalars.map((source) => Number(array(source)[0]));
    const results = this.variables.map(({ dataId }) => this.backend.overwritable(dataId));
    runProgram(this.compiled, this.update.size, inputs, scalars, results);
    for (const [i, variable] of this.variables.entries()) this.give(variable, results[i]!);
  }

  /** A new array where others still see the old one. */
  private give(variable: tf.Variable, values: Float32Array): void {
    if (this.backend.feed(variable.dataId, variable.dtype) === values) return;
    const info = this.backend.makeTensorInfo(variable.shape, variable.dtype, values as never);
    const tensor = tf.engine().makeTensorFromTensorInfo(info as tf.TensorInfo);
    variable.assign(tensor);
    tensor.dispose();
  }
}
