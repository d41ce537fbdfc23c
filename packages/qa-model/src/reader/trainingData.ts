import { createHash } from "node:crypto";
import { permutation, type RandomKey, SymgradError } from "@symgrad/core";
import type { AnswerHead } from "./answerHeads";
import { answersOf, type ReaderExample } from "./evaluateReader";
import { compactFunctionRow } from "./functionRow";
import type { Reader } from "./reader";
import { type BatchShape, smallestShape } from "./readerBatch";
import { createReaderFeatures, isCovered, type ReaderFeatures, type ReaderTargets } from "./readerFeatures";
import { type GoldSpans, groupWindows, type TrainedWindows, trainingWindows } from "./trainingWindows";

/** Examples made ready for training. */
export interface TrainingData {
  /** One entry per window that is trained on; of an example with one window, one entry. */
  features: ReaderFeatures[];
  targets: ReaderTargets[];
  /** Holds every window. */
  shape: BatchShape;
  /** Examples whose answer has no span, in the text or in a result: the end loss cannot learn from them. */
  uncovered: number;
  /** Examples of which some numbers or dates are candidates in no window, because there are too many. */
  pruned: number;
}

export interface PrepareTrainingDataOptions {
  windows: TrainedWindows;
  goldSpans: GoldSpans;
  onProgress?: ((done: number, count: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Makes the examples of these indices ready, in this order.
 *
 * @throws SymgradError `E_LENGTH` if a question leaves no room for the passage; `E_ABORT` if `signal` aborts.
 */
export async function prepareTrainingData(
  reader: Reader,
  data: readonly ReaderExample[],
  indices: readonly number[],
  { onProgress, signal, windows: trained, goldSpans }: PrepareTrainingDataOptions,
): Promise<TrainingData> {
  const features: ReaderFeatures[] = [];
  const targets: ReaderTargets[] = [];
  let uncovered = 0;
  let pruned = 0;
  const options = { ...reader.featureOptions, windows: trained, goldSpans };
  const count = indices.length;
  const portion = 256;
  for (let from = 0; from < count; from += portion) {
    const part = indices.slice(from, from + portion);
    const texts = await createReaderFeatures(
      part.map((index) => data[index]!),
      reader.featureOptions,
      (i) => `example ${part[i]} of the training data`,
    );
    for (const [i, windows] of groupWindows(texts, part.length).entries()) {
      const taken = trainingWindows(windows, data[part[i]!]!, options);
      for (const { window, targets: found } of taken) {
        const ready = window.features;
        ready.stages = ready.stages.map(compactFunctionRow);
        features.push(ready);
        targets.push(found);
      }
      if (!taken.some((one) => isCovered(one.targets))) uncovered++;
      if (windows[0]!.omittedQuantities > 0) pruned++;
    }
    onProgress?.(from + part.length, count);
    // Lets timers and Ctrl-C in.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw new SymgradError("E_ABORT", "training was stopped before its first step.");
  }
  return { features, targets, shape: smallestShape(features, targets), uncovered, pruned };
}

/** SHA-256 of passages, questions, answers and their marks: a resumed run must see the same data. */
export function fingerprint(data: readonly ReaderExample[], heads: readonly AnswerHead[] = ["span"]): string {
  const hash = createHash("sha256");
  for (const example of data) {
    const marks = example.spans ? [example.spans] : [];
    const golds = heads.length > 1 && example.golds ? [example.golds] : [];
    hash.update(
      JSON.stringify([example.passage, example.question, ...answersOf(example), ...marks, ...golds]),
    );
  }
  return hash.digest("hex");
}

/** The windows of part of the stream, by index; likewise examples. */
export type ExampleOrder = (from: number, length: number) => number[];

/** A stream over `count` things: one permutation per epoch, so that what a step sees depends on the step alone. */
export function createOrder(root: RandomKey, count: number): ExampleOrder {
  let epoch = -1;
  let shuffled = new Int32Array();
  return (from, length) =>
    Array.from({ length }, (_, i) => {
      const position = from + i;
      const needed = Math.floor(position / count);
      if (needed !== epoch) {
        epoch = needed;
        shuffled = permutation(root.fold(epoch), count) as typeof shuffled;
      }
      return shuffled[position % count]!;
    });
}

export interface BatchOrderOptions {
  order: ExampleOrder;
  batchSize: number;
  /** How many batches are sorted by length together. 1: none are. */
  buckets: number;
  /** Tokens of an example. */
  lengthOf: (index: number) => number;
  /** Draws which of the batches sorted together comes first. */
  root: RandomKey;
}

/**
 * The examples of each batch: the stream cut into batches; with buckets, so many batches at a time sorted by length, so
 * that a batch holds examples of nearly one length, and shuffled again. What batch `n` holds depends on `n` alone.
 */
export function createBatchOrder(options: BatchOrderOptions): (batch: number) => number[] {
  const { order, batchSize, buckets, lengthOf, root } = options;
  let pool = -1;
  let batches: number[][] = [];
  return (batch) => {
    if (buckets === 1) return order(batch * batchSize, batchSize);
    const needed = Math.floor(batch / buckets);
    if (needed !== pool) {
      pool = needed;
      const sorted = order(pool * buckets * batchSize, buckets * batchSize).sort(
        (a, b) => lengthOf(a) - lengthOf(b) || a - b,
      );
      batches = Array.from(permutation(root.fold(pool), buckets), (place) =>
        sorted.slice(place * batchSize, (place + 1) * batchSize),
      );
    }
    return batches[batch % buckets]!;
  };
}
