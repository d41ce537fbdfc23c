import * as tf from "@tensorflow/tfjs";
import type { OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import { type PrunedGraph, prune } from "../graph/encodeModel";
import type { GraphData, Value } from "../graph/graph";
import { isPlainObject } from "../jit/leaves";
import { type TracedCall, traceCall } from "../jit/traceCall";
import { type AlignedGraph, alignTraces, type Sample } from "./alignTraces";
import type { DynamicAxis } from "./axisExpression";
import type { ExportAxis, ExportSubject } from "./exportTypes";
import { failedAt } from "./failedAt";

/** Lengths at which nothing equals anything else by accident. */
const PRIMES = [
  11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
];
const ATTEMPTS = 2;
const MOST_AXES = 4;

export interface DynamicGraph {
  readonly graph: PrunedGraph;
  readonly outputs: readonly Value[];
  readonly outputNames: readonly string[];
  readonly dimensions: AlignedGraph["dimensions"];
  readonly weights: readonly { value: Value; name: string; data: GraphData }[];
  readonly fixedAxes: readonly { axis: string; size: number; reason: string }[];
}

/**
 * Traces the function at several lengths of its named axes and makes one graph of that. An axis that the graph depends
 * on in another way than through shapes is fixed at its given size.
 *
 * @throws SymgradError `E_EXPORT` if such an axis has no size; `E_TRACE` if the function cannot be traced at all.
 */
export function dynamicGraph(
  backend: OnnxRuntimeBackend,
  subject: ExportSubject,
  axes: Readonly<Record<string, ExportAxis>>,
): DynamicGraph {
  const names = [...new Set([...subject.inputs.values()].flatMap(({ shape }) => shape))].filter(
    (axis) => typeof axis === "string",
  );
  if (names.length > MOST_AXES) {
    throw new SymgradError(
      "E_EXPORT",
      `exportOnnx: at most ${MOST_AXES} named axes, got ${names.length}: ${names.join(", ")}.`,
      { hint: "give some of them a fixed length" },
    );
  }
  const misfits: { dynamic: readonly string[]; reason: string }[] = [];
  for (const dynamic of subsets(names)) {
    let reason = "";
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = align(backend, subject, axes, names, dynamic, attempt);
      if (!("reason" in found)) {
        const fixedAxes = names
          .filter((name) => !dynamic.includes(name))
          .map((axis) => ({ axis, size: sizeOf(axis, axes, misfits), reason: reasonFor(axis, misfits) }));
        return { ...found, fixedAxes };
      }
      reason = found.reason;
    }
    misfits.push({ dynamic, reason });
  }
  throw new Error("a graph without dynamic axes always fits");
}

/** The subsets of some names, larger ones first. */
function subsets(names: readonly string[]): string[][] {
  const all = Array.from({ length: 2 ** names.length }, (_, set) => names.filter((_, k) => set & (1 << k)));
  return all.sort((a, b) => b.length - a.length);
}

/** Of the recordings that failed with this axis, the one with the fewest others has the reason. */
function reasonFor(axis: string, misfits: readonly { dynamic: readonly string[]; reason: string }[]): string {
  const involved = misfits.filter(({ dynamic }) => dynamic.includes(axis));
  return involved.sort((a, b) => a.dynamic.length - b.dynamic.length)[0]!.reason;
}

function sizeOf(
  axis: string,
  axes: Readonly<Record<string, ExportAxis>>,
  misfits: Parameters<typeof reasonFor>[1],
) {
  const size = axes[axis]?.size;
  if (size !== undefined) return size;
  throw new SymgradError(
    "E_EXPORT",
    `exportOnnx: the axis "${axis}" cannot be of any length: ${reasonFor(axis, misfits)}.`,
    { hint: `fix it: { axes: { ${axis}: { size: 128 } } }` },
  );
}

function align(
  backend: OnnxRuntimeBackend,
  subject: ExportSubject,
  axes: Readonly<Record<string, ExportAxis>>,
  names: readonly string[],
  dynamic: readonly string[],
  attempt: number,
): Omit<DynamicGraph, "fixedAxes"> | { reason: string } {
  const picked = new Map(names.map((name, i) => [name, pickLengths(axes[name], i + attempt * names.length)]));
  for (const name of dynamic) {
    if (picked.get(name)!.length < 3)
      return { reason: "there are fewer than three lengths from its min to its max" };
  }
  const fixed = new Map(
    names
      .filter((name) => !dynamic.includes(name))
      .map((name) => [name, axes[name]?.size ?? picked.get(name)![0]!]),
  );
  const at = (which: (axis: number) => 0 | 1 | 2) => {
    const lengths = dynamic.map((name, k) => picked.get(name)![which(k)]!);
    const byName = new Map([...fixed, ...dynamic.map((name, k) => [name, lengths[k]!] as const)]);
    return { lengths, traced: trace(backend, subject, byName) };
  };
  const grid = Array.from({ length: 2 ** dynamic.length }, (_, set) => at((k) => (set & (1 << k) ? 1 : 0)));
  const check = at(() => 2);
  const dynamicAxes: DynamicAxis[] = dynamic.map((name) => {
    const [low, high] = picked.get(name)!;
    return { name, low: low!, high: high! };
  });
  const sampleOf = ({ lengths, traced }: ReturnType<typeof at>): Sample => ({
    lengths,
    ...sample(traced, subject),
  });
  const aligned = alignTraces(grid.map(sampleOf), sampleOf(check), dynamicAxes);
  if ("reason" in aligned) return aligned;
  const { traced } = grid[0]!;
  const weightInputs = aligned.graph.inputs.slice(subject.inputs.size);
  const feeds = weightFeeds(traced, subject);
  return {
    ...aligned,
    outputNames: outputNames(traced),
    weights: weightInputs.map((value, i) => weight(backend, value, feeds[i]!.feed)),
  };
}

/** Two lengths to compare, and one to check with; fewer where the bounds leave no room. */
function pickLengths(
  { min = 1, max = Number.POSITIVE_INFINITY, size }: ExportAxis = {},
  turn: number,
): number[] {
  const usual = PRIMES.slice(3 * turn, 3 * turn + 3).map((prime) => (min > 2 ? min + prime : prime));
  if (usual.length === 3 && usual[2]! < max) return usual;
  const room = Array.from({ length: 3 }, (_, i) => max - 1 - i).filter(
    (length) => length >= Math.max(min, 2),
  );
  return room.length > 0 ? room.reverse() : [size ?? min];
}

function trace(
  backend: OnnxRuntimeBackend,
  subject: ExportSubject,
  lengths: ReadonlyMap<string, number>,
): TracedCall {
  const examples = Object.fromEntries(
    [...subject.inputs].map(([name, { shape, dtype }]) => [
      name,
      tf.zeros(
        shape.map((axis) => (typeof axis === "string" ? lengths.get(axis)! : axis)),
        dtype === "int64" ? "int32" : dtype,
      ),
    ]),
  );
  let traced: TracedCall;
  try {
    traced = traceCall(backend, subject.run, [examples], subject.name, { shapesVary: true });
  } catch (cause) {
    if (cause instanceof SymgradError && cause.code === "E_TRACE") throw cause;
    throw failedAt(subject.name, lengths, cause);
  } finally {
    tf.dispose(examples);
  }
  if (traced.state.length > 0) {
    const { variable } = traced.state[0]!;
    throw new SymgradError(
      "E_EXPORT",
      `exportOnnx: ${subject.name} assigns the variable "${variable.name}".`,
      {
        hint: "export what answers a question, not a training step: no optimizer, and `training: false`",
      },
    );
  }
  if (traced.results.length === 0) {
    throw new SymgradError("E_EXPORT", `exportOnnx: ${subject.name} returned no tensor.`);
  }
  return traced;
}

/** What alignTraces compares: the caller's inputs, used or not, then the weights that are used. */
function sample(traced: TracedCall, subject: ExportSubject): Omit<Sample, "lengths"> {
  const pruned = prune(traced.trace.graph, traced.results);
  const given = traced.trace.graph.inputs.slice(0, subject.inputs.size);
  const inputs = [...given, ...weightFeeds(traced, subject).map(({ value }) => value)];
  return { graph: { ...pruned, inputs }, outputs: traced.results };
}

function weightFeeds(traced: TracedCall, subject: ExportSubject) {
  const { graph, feeds } = traced.trace;
  const used = new Set(prune(graph, traced.results).inputs);
  return graph.inputs
    .map((value, i) => ({ value, feed: feeds[i]! }))
    .slice(subject.inputs.size)
    .filter(({ value, feed }) => {
      if (used.has(value) && feed.from === "host") {
        throw new SymgradError("E_EXPORT", `exportOnnx: ${subject.name} draws random numbers.`, {
          hint: "leave out the key (dropout does nothing without one), or make the noise an input",
        });
      }
      return used.has(value);
    });
}

function weight(
  backend: OnnxRuntimeBackend,
  value: Value,
  feed: ReturnType<typeof weightFeeds>[number]["feed"],
) {
  if (feed.from === "variable") {
    const { variable } = feed;
    return { value, name: variable.name, data: backend.feed(variable.dataId, variable.dtype) };
  }
  if (feed.from === "captured")
    return { value, name: "constant", data: backend.feed(feed.dataId, value.type) };
  throw new Error(`a weight comes from ${feed.from}`);
}

/** A name for each result, from where the function put it: "output", "start", "logits_0". */
function outputNames(traced: TracedCall): string[] {
  const slots = traced.results.map(() => ({}));
  const names = new Map<unknown, string>();
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (slots.includes(value as object)) {
      const name = path.join("_");
      names.set(value, path.length === 0 ? "output" : typeof path[0] === "number" ? `output_${name}` : name);
    } else if (value instanceof Map) for (const [key, item] of value) visit(item, [...path, String(key)]);
    else if (Array.isArray(value)) for (const [i, item] of value.entries()) visit(item, [...path, i]);
    else if (value !== null && typeof value === "object" && isPlainObject(value))
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(traced.rebuild(slots as never), []);
  return slots.map((slot) => names.get(slot)!);
}
