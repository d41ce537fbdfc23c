import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import type { ReaderFeatures, ReaderTargets } from "./readerFeatures";
import type { ReaderInputs } from "./readerModel";

/** The static sizes of a batch: one traced graph serves all batches of one shape. */
export interface BatchShape {
  tokens: number;
  quantities: number;
  candidates: number;
  /** Longest function result, in tokens. */
  length: number;
  /** Answer spans in the text. */
  spans: number;
  /** Answer spans in one function result. */
  resultSpans: number;
}

/** The answers of a batch. */
export interface TargetInputs {
  /** Answer spans in the padded text, int32 `[batch, spans]`; 0 where there is none. */
  starts: tf.Tensor2D;
  ends: tf.Tensor2D;
  /** 1 where there is a span, float32 `[batch, spans]`. */
  valid: tf.Tensor2D;
  /** Absent without a calculator. */
  terms?: {
    /**
     * Per candidate the answer spans within its result, float32 `[batch, candidates, 3 * resultSpans]`: all starts, all
     * ends, then 1 where there is a span.
     */
    spans: tf.Tensor3D;
    /** 1 = the candidate computes the answer, float32 `[batch, candidates]`. */
    labels: tf.Tensor2D;
  };
}

export interface BatchOptions {
  layer?: SymbolicLayer | undefined;
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
  const largest = (sizes: number[], least: number) => sizes.reduce((a, b) => Math.max(a, b), least);
  const resultSpans = targets.map(({ resultSpans: triples }) => {
    const counts = new Map<number, number>();
    let most = 0;
    for (let i = 0; i < triples.length; i += 3) {
      const count = (counts.get(triples[i]!) ?? 0) + 1;
      counts.set(triples[i]!, count);
      most = Math.max(most, count);
    }
    return most;
  });
  return {
    tokens: largest(
      features.map(({ ids }) => ids.length),
      1,
    ),
    quantities: largest(
      features.map(({ quantities }) => quantities.length),
      1,
    ),
    candidates: largest(
      features.map(({ results }) => results?.candidates ?? 0),
      1,
    ),
    length: largest(
      features.map(({ results }) => results?.longest ?? 0),
      1,
    ),
    spans: largest(
      targets.map(({ spans }) => spans.length / 2),
      1,
    ),
    resultSpans: largest(resultSpans, 1),
  };
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
  const calls = options.layer !== undefined;
  const total = calls ? tokens + shape.length + 1 : tokens;
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
  };
  if (options.layer) inputs.terms = collateTerms(features, shape, options.layer);
  return inputs;
}

function collateTerms(
  features: readonly ReaderFeatures[],
  shape: BatchShape,
  layer: SymbolicLayer,
): NonNullable<ReaderInputs["terms"]> {
  const batch = features.length;
  const { quantities, candidates, tokens } = shape;
  const places = new Int32Array(batch * quantities);
  const argumentCount = features[0]!.results!.argumentCount;
  const tuples = Array.from({ length: argumentCount }, () => new Int32Array(batch * candidates));
  for (const [row, example] of features.entries()) {
    const left = tokens - example.ids.length;
    for (const [i, place] of example.quantities.entries()) places[row * quantities + i] = left + place;
    const { values, candidates: count } = example.results!;
    for (let candidate = 0; candidate < count; candidate++) {
      for (const [position, column] of tuples.entries()) {
        column[row * candidates + candidate] = values[candidate * argumentCount + position]!;
      }
    }
  }
  return {
    quantities: tf.tensor2d(places, [batch, quantities], "int32"),
    tuples: tuples.map((column) => tf.tensor2d(column, [batch, candidates], "int32")),
    results: layer.collate(
      features.map(({ results }) => results!.row),
      { candidates, length: shape.length },
    ),
  };
}

/** The losses' inputs for these examples, padded to `shape`. The caller disposes the tensors. */
export function collateTargets(
  features: readonly ReaderFeatures[],
  targets: readonly ReaderTargets[],
  shape: BatchShape,
  options: { calculator: boolean },
): TargetInputs {
  const { spans, resultSpans, candidates, tokens } = shape;
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
  const inputs: TargetInputs = {
    starts: tf.tensor2d(starts, [batch, spans], "int32"),
    ends: tf.tensor2d(ends, [batch, spans], "int32"),
    valid: tf.tensor2d(valid, [batch, spans]),
  };
  if (!options.calculator) return inputs;

  const width = 3 * resultSpans;
  const lists = new Float32Array(batch * candidates * width);
  const labels = new Float32Array(batch * candidates);
  for (const [row, target] of targets.entries()) {
    for (const candidate of target.labels) labels[row * candidates + candidate] = 1;
    const filled = new Map<number, number>();
    for (let i = 0; i < target.resultSpans.length; i += 3) {
      const candidate = target.resultSpans[i]!;
      const place = filled.get(candidate) ?? 0;
      filled.set(candidate, place + 1);
      const at = (row * candidates + candidate) * width + place;
      lists[at] = tokens + target.resultSpans[i + 1]!;
      lists[at + resultSpans] = tokens + target.resultSpans[i + 2]!;
      lists[at + 2 * resultSpans] = 1;
    }
  }
  inputs.terms = {
    spans: tf.tensor3d(lists, [batch, candidates, width]),
    labels: tf.tensor2d(labels, [batch, candidates]),
  };
  return inputs;
}
