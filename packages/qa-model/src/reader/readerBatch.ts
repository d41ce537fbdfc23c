import { moveCandidate, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import type { HeadTargets } from "../losses/answerLoss";
import type { AnswerHead } from "./answerHeads";
import { argumentLayout } from "./argumentLayout";
import { type FunctionRow, tokensBefore } from "./functionRow";
import type { ReaderFeatures, ReaderTargets } from "./readerFeatures";
import type { ReaderInputs, StageInputs } from "./readerModel";

/** The static sizes of a batch: one traced graph serves all batches of one shape. */
export interface BatchShape {
  tokens: number;
  quantities: number;
  /** Answer spans in the text. */
  spans: number;
  /** Of each function; empty without a calculator. */
  stages: StageShape[];
  /** Texts of an answer of several spans, and places of one of them. */
  texts: number;
  occurrences: number;
}

export interface StageShape {
  /** Candidates of the stage's own. */
  candidates: number;
  /** Longest result, in tokens. */
  length: number;
  /** Values of a result that later stages may take. */
  given: number;
  /** Answer spans in one result. */
  resultSpans: number;
}

/** The answers of a batch. */
export interface TargetInputs {
  /** Answer spans in the padded text, int32 `[batch, spans]`; 0 where there is none. */
  starts: tf.Tensor2D;
  ends: tf.Tensor2D;
  /** 1 where there is a span, float32 `[batch, spans]`. */
  valid: tf.Tensor2D;
  /** Of each function; empty without a calculator. Candidates are counted over this and all earlier stages. */
  stages: StageTargetInputs[];
  /** Of the heads besides the span head; absent where there is none. */
  heads?: HeadTargets;
}

export interface StageTargetInputs {
  /**
   * Per candidate the answer spans within its result, float32 `[batch, candidates, 3 * resultSpans]`: all starts, all
   * ends, then 1 where there is a span.
   */
  spans: tf.Tensor3D;
  /** 1 = the candidate computes the answer, or a later stage still can with it, float32 `[batch, candidates]`. */
  labels: tf.Tensor2D;
}

export interface BatchOptions {
  layers: readonly SymbolicLayer[];
  separator: number;
  padding: number;
  positions: number;
  /** Whether an answer may stand in the question. */
  answerInQuestion: boolean;
  /** Whether [CLS] is an answer: none. */
  noAnswer: boolean;
}

/** The smallest shape that holds these examples. */
export function smallestShape(
  features: readonly ReaderFeatures[],
  targets: readonly ReaderTargets[] = [],
): BatchShape {
  const largest = (sizes: number[]) => sizes.reduce((a, b) => Math.max(a, b), 1);
  const stages = (features[0]?.stages ?? []).map((_, stage): StageShape => {
    const rows = features.map((one) => one.stages[stage]!);
    return {
      candidates: largest(rows.map(({ candidates }) => candidates)),
      length: largest(rows.map(({ longest }) => longest)),
      given: largest(rows.map(({ given }) => given)),
      resultSpans: largest(targets.map((one) => mostOfOne(one.stages[stage]!.resultSpans))),
    };
  });
  return {
    tokens: largest(features.map(({ ids }) => ids.length)),
    quantities: largest(features.map(({ quantities }) => quantities.length)),
    spans: largest(targets.map(({ spans }) => spans.length / 2)),
    stages,
    texts: largest(targets.map(({ occurrences }) => new Set(firstOfThree(occurrences)).size)),
    occurrences: largest(targets.map(({ occurrences }) => mostOfOne(occurrences))),
  };
}

const firstOfThree = (triples: Int32Array) => Array.from(triples).filter((_, i) => i % 3 === 0);

/** How many of these triples at most begin alike. */
function mostOfOne(triples: Int32Array): number {
  const counts = new Map<number, number>();
  let most = 0;
  for (let i = 0; i < triples.length; i += 3) {
    const count = (counts.get(triples[i]!) ?? 0) + 1;
    counts.set(triples[i]!, count);
    most = Math.max(most, count);
  }
  return most;
}

/** Rounds up, so that texts of nearly one length share a graph. */
export function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}

/** The model's inputs for these examples, padded to `shape`. The caller disposes the tensors. */
export function collateInputs(
  features: readonly ReaderFeatures[],
  shape: BatchShape,
  options: BatchOptions,
): ReaderInputs {
  const { tokens } = shape;
  const batch = features.length;
  const total = shape.stages.reduce((sum, { length }) => sum + length + 1, tokens);
  const ids = new Int32Array(batch * (tokens + 1)).fill(options.padding);
  const mask = new Float32Array(batch * tokens);
  const answerable = new Float32Array(batch * tokens);
  const positions = new Int32Array(batch * total);
  const segments = new Int32Array(batch * total);
  for (const [row, example] of features.entries()) {
    const length = example.ids.length;
    const left = tokens - length;
    ids.set(example.ids, row * (tokens + 1) + left);
    ids[row * (tokens + 1) + tokens] = options.separator;
    mask.fill(1, row * tokens + left, (row + 1) * tokens);
    const allowed = row * tokens + left;
    if (options.noAnswer) answerable[allowed] = 1;
    if (options.answerInQuestion) answerable.fill(1, allowed + 1, allowed + example.passageStart - 1);
    answerable.fill(1, allowed + example.passageStart, allowed + length - 1);
    for (let at = left; at < total; at++) {
      // Slots behind the longest result this model can read are padding; their position only has to exist.
      positions[row * total + at] = Math.min(at - left, options.positions - 1);
    }
    segments.fill(1, row * total + left + example.passageStart, (row + 1) * total);
  }
  const inputs: ReaderInputs = {
    ids: tf.tensor2d(ids, [batch, tokens + 1], "int32"),
    mask: tf.tensor2d(mask, [batch, tokens]),
    answerable: tf.tensor2d(answerable, [batch, tokens]),
    positions: tf.tensor2d(positions, [batch, total], "int32"),
    segments: tf.tensor2d(segments, [batch, total], "int32"),
    stages: options.layers.map((layer, stage) => collateStage(features, shape, layer, stage)),
  };
  if (options.layers.length > 0) inputs.quantities = collateQuantities(features, shape);
  return inputs;
}

function collateQuantities(
  features: readonly ReaderFeatures[],
  { quantities, tokens }: BatchShape,
): tf.Tensor2D {
  const places = new Int32Array(features.length * quantities);
  for (const [row, example] of features.entries()) {
    const left = tokens - example.ids.length;
    for (const [i, place] of example.quantities.entries()) places[row * quantities + i] = left + place;
  }
  return tf.tensor2d(places, [features.length, quantities], "int32");
}

function collateStage(
  features: readonly ReaderFeatures[],
  shape: BatchShape,
  layer: SymbolicLayer,
  stage: number,
): StageInputs {
  const batch = features.length;
  const { candidates, length } = shape.stages[stage]!;
  const { literals } = argumentLayout(layer.function);
  const { argumentCount } = features[0]!.stages[stage]!;
  const tuples = Array.from({ length: argumentCount }, () => new Int32Array(batch * candidates));
  for (const [row, example] of features.entries()) {
    const { values, candidates: count } = example.stages[stage]!;
    const placeOf = paddedPlace(example, shape, literals.length);
    for (let candidate = 0; candidate < count; candidate++) {
      for (const [position, column] of tuples.entries()) {
        column[row * candidates + candidate] = placeOf(values[candidate * argumentCount + position]!);
      }
    }
  }
  const before = shape.stages.slice(0, stage).map((earlier) => earlier.candidates);
  const inputs: StageInputs = {
    tuples: tuples.map((column) => tf.tensor2d(column, [batch, candidates], "int32")),
    results: layer.collate(
      features.map(({ stages }) => stages[stage]!.row),
      { candidates, length, before },
    ),
  };
  if (stage < shape.stages.length - 1) inputs.given = collateGiven(features, shape, stage);
  return inputs;
}

/** Where a value stands in lists that are padded: literals, then quantities, then what each stage gave. */
function paddedPlace({ quantities, stages }: ReaderFeatures, shape: BatchShape, literals: number) {
  const own = [quantities.length, ...stages.map(({ given }) => given)];
  const padded = [shape.quantities, ...shape.stages.map(({ given }) => given)];
  return (value: number): number => {
    let from = literals;
    let to = literals;
    if (value < from) return value;
    for (const [list, size] of own.entries()) {
      if (value < from + size) return to + value - from;
      from += size;
      to += padded[list]!;
    }
    return value;
  };
}

/** Per candidate where each value of its result stands in the padded sequence, int32 `[batch, candidates, given]`. */
function collateGiven(features: readonly ReaderFeatures[], shape: BatchShape, stage: number): tf.Tensor3D {
  const { given } = shape.stages[stage]!;
  const move = candidateMover(shape, stage);
  const places = new Int32Array(features.length * move.count * given);
  for (const [row, { stages }] of features.entries()) {
    const chain = stages.slice(0, stage + 1);
    const { row: results, given: own, givenPlaces } = stages[stage]!;
    for (let candidate = 0; candidate < results.count; candidate++) {
      const at = (row * move.count + move.to(chain, candidate)) * given;
      const begin = shape.tokens + tokensBefore(chain, candidate);
      for (let i = 0; i < own; i++) places[at + i] = begin + givenPlaces[candidate * own + i]!;
    }
  }
  return tf.tensor3d(places, [features.length, move.count, given], "int32");
}

/** Where a stage's candidate, counted over all stages up to it, stands among padded ones. */
function candidateMover(shape: BatchShape, stage: number) {
  const padded = shape.stages.slice(0, stage + 1).map(({ candidates }) => candidates);
  return {
    count: padded.reduce((product, size) => product * size),
    to: (chain: readonly FunctionRow[], candidate: number): number =>
      moveCandidate(
        candidate,
        chain.map(({ candidates }) => candidates),
        padded,
      ),
  };
}

/** The losses' inputs for these examples, padded to `shape`. The caller disposes the tensors. */
export function collateTargets(
  features: readonly ReaderFeatures[],
  targets: readonly ReaderTargets[],
  shape: BatchShape,
  heads: readonly AnswerHead[] = ["span"],
): TargetInputs {
  const { spans, tokens } = shape;
  const batch = targets.length;
  const starts = new Int32Array(batch * spans);
  const ends = new Int32Array(batch * spans);
  const valid = new Float32Array(batch * spans);
  for (const [row, target] of targets.entries()) {
    const left = tokens - features[row]!.ids.length;
    for (let i = 0; i < target.spans.length / 2; i++) {
      starts[row * spans + i] = left + target.spans[2 * i]!;
      ends[row * spans + i] = left + target.spans[2 * i + 1]!;
      valid[row * spans + i] = 1;
    }
  }
  return {
    starts: tf.tensor2d(starts, [batch, spans], "int32"),
    ends: tf.tensor2d(ends, [batch, spans], "int32"),
    valid: tf.tensor2d(valid, [batch, spans]),
    stages: shape.stages.map((_, stage) => collateStageTargets(features, targets, shape, stage)),
    ...(heads.length > 1 ? { heads: collateHeadTargets(features, targets, shape) } : {}),
  };
}

function collateHeadTargets(
  features: readonly ReaderFeatures[],
  targets: readonly ReaderTargets[],
  { texts, occurrences, tokens }: BatchShape,
): HeadTargets {
  const size = [targets.length, texts, occurrences] as [number, number, number];
  const lists = [0, 1, 2].map(() => new Float32Array(targets.length * texts * occurrences));
  const [starts, ends, valid] = lists as [Float32Array, Float32Array, Float32Array];
  for (const [row, { occurrences: triples }] of targets.entries()) {
    const left = tokens - features[row]!.ids.length;
    const filled = new Map<number, number>();
    for (let i = 0; i < triples.length; i += 3) {
      const text = triples[i]!;
      const place = filled.get(text) ?? 0;
      filled.set(text, place + 1);
      const at = (row * texts + text) * occurrences + place;
      starts[at] = left + triples[i + 1]!;
      ends[at] = left + triples[i + 2]!;
      valid[at] = 1;
    }
  }
  const counts = targets.map(({ count }) => count);
  return {
    count: tf.tensor1d(
      counts.map((count) => Math.max(0, count)),
      "int32",
    ),
    counted: tf.tensor1d(counts.map((count) => (count >= 0 ? 1 : 0))),
    occurrences: {
      starts: tf.tensor3d(starts, size, "int32"),
      ends: tf.tensor3d(ends, size, "int32"),
      valid: tf.tensor3d(valid, size),
    },
  };
}

function collateStageTargets(
  features: readonly ReaderFeatures[],
  targets: readonly ReaderTargets[],
  shape: BatchShape,
  stage: number,
): StageTargetInputs {
  const { resultSpans } = shape.stages[stage]!;
  const move = candidateMover(shape, stage);
  const batch = targets.length;
  const width = 3 * resultSpans;
  const lists = new Float32Array(batch * move.count * width);
  const labels = new Float32Array(batch * move.count);
  for (const [row, target] of targets.entries()) {
    const own = target.stages[stage]!;
    const chain = features[row]!.stages.slice(0, stage + 1);
    for (const candidate of own.labels) labels[row * move.count + move.to(chain, candidate)] = 1;
    const filled = new Map<number, number>();
    for (let i = 0; i < own.resultSpans.length; i += 3) {
      const candidate = own.resultSpans[i]!;
      const place = filled.get(candidate) ?? 0;
      filled.set(candidate, place + 1);
      const at = (row * move.count + move.to(chain, candidate)) * width + place;
      const begin = shape.tokens + tokensBefore(chain, candidate);
      lists[at] = begin + own.resultSpans[i + 1]!;
      lists[at + resultSpans] = begin + own.resultSpans[i + 2]!;
      lists[at + 2 * resultSpans] = 1;
    }
  }
  return {
    spans: tf.tensor3d(lists, [batch, move.count, width]),
    labels: tf.tensor2d(labels, [batch, move.count]),
  };
}
