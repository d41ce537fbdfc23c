import { prune } from "../graph/encodeModel";
import type { Graph, Value } from "../graph/graph";
import { sizeOf } from "../kernels/rule";
import { UpdateProgram, updateNode } from "./updateProgram";

/** What a variable is assigned, and the graph's input with its value before, if the graph reads that. */
export interface Assignment {
  readonly value: Value;
  readonly before: Value | undefined;
}

/** Variables of one shape that are updated together, after the session's run. */
export interface Update {
  readonly program: UpdateProgram;
  /** Which of the assignments the program's results are, in order. */
  readonly targets: readonly number[];
  /** Elements of each tensor. */
  readonly size: number;
}

/**
 * Finds the assigned values that are elementwise expressions of tensors of one shape, as an optimizer's are: these
 * leave the session's graph and are computed in place by one pass over all of them. ONNX Runtime would make one pass
 * over memory per operation, and hand each new value over as a copy.
 *
 * @param results Other values that the session must return.
 */
export function planUpdates(
  graph: Graph,
  assignments: readonly Assignment[],
  results: readonly Value[],
): readonly Update[] {
  const nodes = prune(graph, results).nodes;
  const computed = new Set(nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const isLeaf = leafTest(graph, computed);
  const groups: { targets: number[]; tensors: Set<string> }[] = [];
  for (const [target, { value, before }] of assignments.entries()) {
    if (value.shape.length === 0 || isLeaf(value) || !updateNode(graph, value)) continue;
    // Whoever reads what another one overwrites belongs to the same pass.
    const tensors = tensorsOf(graph, value, isLeaf);
    if (before) tensors.add(before.name);
    const joined = groups.filter((group) => [...tensors].some((name) => group.tensors.has(name)));
    const group = {
      targets: [...joined.flatMap(({ targets }) => targets), target],
      tensors: new Set([...joined.flatMap((other) => [...other.tensors]), ...tensors]),
    };
    groups.splice(0, groups.length, ...groups.filter((other) => !joined.includes(other)), group);
  }
  return groups.flatMap(({ targets }) => {
    const program = new UpdateProgram(graph, isLeaf);
    for (const target of targets) program.add(assignments[target]!.value);
    const fromSession = program.inputs.filter((input) => graph.producer(input)).length;
    if (fromSession > targets.length) return [];
    return [{ program, targets, size: sizeOf(assignments[targets[0]!]!.value.shape) }];
  });
}

/**
 * Which tensors an update takes from the session as they are: what the session computes anyway, and what several of its
 * tensors and nothing else add up to, so that one array is handed over instead of many. A sum of rows stays apart: it is
 * handed over as its rows.
 *
 * @param computed Names of values that the session computes anyway.
 */
function leafTest(graph: Graph, computed: ReadonlySet<string>): (value: Value) => boolean {
  const known = new Map<string, { session: ReadonlySet<string>; others: boolean }>();
  const reads = (value: Value): { session: ReadonlySet<string>; others: boolean } => {
    const before = known.get(value.name);
    if (before) return before;
    const node = computed.has(value.name) ? undefined : updateNode(graph, value);
    let session = new Set<string>();
    let others = false;
    if (node) {
      const tensors = node.inputs.filter(({ shape }) => shape.length > 0).map(reads);
      session = new Set(tensors.flatMap((tensor) => [...tensor.session]));
      others = tensors.some((tensor) => tensor.others);
      if (session.size > 1 && !others) session = new Set([value.name]);
    } else if (graph.producer(value)) {
      session.add(value.name);
      others = graph.rowSums.has(value.name);
    } else {
      others = true;
    }
    const found = { session, others };
    known.set(value.name, found);
    return found;
  };
  return (value) => reads(value).session.has(value.name);
}

/** The names of an expression's tensors, but not of its scalars. */
function tensorsOf(graph: Graph, value: Value, isLeaf: (value: Value) => boolean): Set<string> {
  const names = new Set<string>();
  const visit = (value: Value): void => {
    if (value.shape.length === 0 || names.has(value.name)) return;
    names.add(value.name);
    if (!isLeaf(value)) for (const input of updateNode(graph, value)?.inputs ?? []) visit(input);
  };
  visit(value);
  return names;
}
