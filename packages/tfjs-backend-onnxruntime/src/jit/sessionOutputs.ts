import type { Graph, Value } from "../graph/graph";

/** The values that a session returns, each in an array of its own. */
export class SessionOutputs {
  readonly values: Value[] = [];

  constructor(private readonly graph: Graph) {}

  /** A place for a value whose array becomes a tensor's; inputs, constants and what is returned already are copied. */
  own(value: Value): number {
    const copied = this.graph.producer(value) === undefined || this.values.includes(value);
    return this.values.push(copied ? this.graph.output(value) : value) - 1;
  }

  /** A place for a value whose array is only read. */
  share(value: Value): number {
    const place = this.values.indexOf(value);
    return place >= 0 ? place : this.values.push(value) - 1;
  }
}
