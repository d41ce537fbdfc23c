import { key as keyOf, type RandomKey, SymgradError } from "@symgrad/core";
import { FreeBlocks } from "../kernel/freeBlocks";
import { assertThreads, type KernelThreads, kernelThreads } from "../kernel/kernelThreads";
import { compileFirst, sharedMemory, type WasmMemory, type WasmModule } from "../kernel/webAssembly";
import type { Vocabulary } from "../vocabulary/vocabulary";
import { WordVectors } from "../wordVectors";
import { type Cooccurrences, RECORD } from "./cooccurrences";
import { gloveWasm } from "./gloveWasm";
import { RecordBuckets } from "./recordBuckets";

/** How GloVe is trained. The defaults are those of glove.c, but for the threads. */
export interface GloVeOptions {
  /** Components of a vector, 1 to 16,384. Default 50. */
  readonly dimension?: number;
  /** Passes over the records. Default 25. */
  readonly epochs?: number;
  /** AdaGrad's rate. Default 0.05. */
  readonly learningRate?: number;
  /** Weights from here on count fully. Default 100; the demonstration of the C code takes 10 for 17 million words. */
  readonly xMax?: number;
  /** Smaller ones count as (x / xMax) to this power. Default 0.75. */
  readonly exponent?: number;
  /** Components of gradients are cut at this size. Default 100. */
  readonly gradientClip?: number;
  /** What a word's vector is: `"sum"` of those it has as a word and as a context (default), their `"mean"`, or the `"word"`'s alone. */
  readonly combine?: "sum" | "mean" | "word";
  /** With 1, the same key gives the same vectors. Default 1. */
  readonly threads?: number;
  /** Where the randomness comes from. Default `key(1)`. */
  readonly key?: RandomKey;
  /** Start from these vectors and biases, of the same vocabulary; AdaGrad's sums start anew. */
  readonly initial?: GloVeTables | undefined;
  /** Bytes for records; beyond, they are shuffled on disk. Default 2 GiB. */
  readonly memory?: number;
  /** Where. Default: the system's folder for such files. */
  readonly folder?: string | undefined;
}

export interface GloVeHooks {
  /** `loss`: mean over the records of the last epoch done with. */
  onProgress?(progress: {
    epoch: number;
    epochs: number;
    records: number;
    totalRecords: number;
    loss?: number;
  }): void;
  /** Stops the training: the model as it is then comes back, with `complete` false, for {@link resumeGloVe}. */
  signal?: AbortSignal | undefined;
}

/** Vectors as words and as contexts, float32 [words, dimension], and the biases, float32 [words]. */
export interface GloVeTables {
  readonly words: Float32Array;
  readonly contexts: Float32Array;
  readonly wordBiases: Float32Array;
  readonly contextBiases: Float32Array;
}

/** What training goes on from, beside the tables. */
export interface GloVeState {
  /** AdaGrad's sums. */
  readonly squares: GloVeTables;
  /** Records done with in the epoch begun, and the sum of their losses. */
  readonly records: number;
  readonly loss: number;
}

export interface GloVeModel extends GloVeTables {
  readonly vectors: WordVectors;
  /** Mean loss over the records, epoch by epoch. */
  readonly losses: readonly number[];
  readonly complete: boolean;
  readonly options: ResolvedGloVeOptions;
  /** Undefined when the training is complete. */
  readonly state: GloVeState | undefined;
}

/** Records that a thread is given at a time. */
const BLOCK = 1 << 16;
/** The kernel's own tables lie below. */
const FIRST = 1 << 16;
const LINE = 64;

let module: WasmModule | undefined;

/**
 * Trains GloVe's vectors: weighted least squares of w.c + b + b' against log x, by AdaGrad over shuffled records.
 * Following glove.c, AdaGrad's sums have the learning rate in them, and biases learn without it.
 *
 * @throws SymgradError `E_RANGE` for options that make no sense; `E_VOCABULARY` if there are no records; `E_MEMORY` if the
 *   matrices take more than 4 GiB; `E_DISK`, `E_FILE` if records cannot go to disk; `E_FORMAT` for a record of no word.
 * @see Pennington, Socher and Manning 2014, "GloVe: Global Vectors for Word Representation".
 */
export async function trainGloVe(
  cooccurrences: Cooccurrences,
  vocabulary: Vocabulary,
  options: GloVeOptions = {},
  hooks: GloVeHooks = {},
): Promise<GloVeModel> {
  return run(cooccurrences, vocabulary, resolveGloVeOptions(options), undefined, hooks);
}

/**
 * Goes on with a training that was stopped, over the same records, with the options it was started with. On one thread,
 * the vectors are those of a training that was never stopped.
 *
 * @throws SymgradError `E_VOCABULARY` if the vocabulary is not the model's; else as {@link trainGloVe}.
 */
export async function resumeGloVe(
  cooccurrences: Cooccurrences,
  vocabulary: Vocabulary,
  model: GloVeModel,
  hooks: GloVeHooks = {},
): Promise<GloVeModel> {
  const { words } = model.vectors;
  if (words.length !== vocabulary.size || words.some((word, row) => vocabulary.words[row] !== word)) {
    throw new SymgradError("E_VOCABULARY", "the vocabulary is not the one that the model was trained with", {
      where: "resumeGloVe",
      hint: "give the vocabulary, and the pairs, with which the training began",
    });
  }
  if (model.state === undefined) return model;
  return run(cooccurrences, vocabulary, { ...model.options, initial: model }, model, hooks);
}

async function run(
  cooccurrences: Cooccurrences,
  vocabulary: Vocabulary,
  settings: ResolvedGloVeOptions,
  stopped: Pick<GloVeModel, "losses" | "state"> | undefined,
  { onProgress, signal }: GloVeHooks,
): Promise<GloVeModel> {
  const { dimension, epochs, threads, key, combine } = settings;
  if (cooccurrences.count === 0) {
    throw new SymgradError(
      "E_VOCABULARY",
      "there are no records: no two words of the vocabulary stand near each other",
      {
        where: "trainGloVe",
        hint: "use more text, lower minCount, or check that vocabulary and records belong together",
      },
    );
  }
  const layout = layOut(
    vocabulary.size,
    dimension,
    Math.min(cooccurrences.count, Math.floor(settings.memory / RECORD)),
  );
  const memory = sharedMemory(layout.end, {
    what: `GloVe of ${vocabulary.size} words x ${dimension} dimensions with ${layout.capacity} records`,
    hint: "raise minCount, lower dimension, or lower memory, so that records go to disk",
  });
  module ??= compileFirst(gloveWasm);
  const pool = kernelThreads(module, memory, threads);
  const seeds = key.bits(2);
  let buckets: RecordBuckets | undefined;
  const losses: number[] = [...(stopped?.losses ?? [])];
  const begun = { records: stopped?.state?.records ?? 0, loss: stopped?.state?.loss ?? 0 };
  try {
    for (let thread = 0; thread < threads; thread++)
      await pool.call(thread, "configure", ...layout.configure(settings));
    await pool.call(0, "initialize", layout.words, 2 * vocabulary.size, dimension, seeds[0]!, seeds[1]!);
    if (settings.initial) layout.write(memory, settings.initial, "values");
    if (stopped?.state) layout.write(memory, stopped.state.squares, "squares");
    if (cooccurrences.count > layout.capacity) {
      buckets = await scatter(
        cooccurrences,
        Math.ceil((1.2 * cooccurrences.count) / layout.capacity),
        settings,
      );
    }
    const load = async (epoch: number, bucket: number): Promise<number> => {
      const source = buckets === undefined ? cooccurrences.records() : buckets.read(bucket);
      const count = await fill(memory, layout, source, vocabulary.size);
      const [high, low] = key.fold(`shuffle ${epoch} ${bucket}`).bits(2);
      await pool.call(0, "shuffle", layout.records, count, high!, low!);
      return count;
    };
    // In memory, records are shuffled once and stay; a bucket takes the place of the one before.
    let count = buckets === undefined ? await load(0, 0) : 0;
    for (let epoch = losses.length; epoch < epochs && !signal?.aborted; epoch++) {
      let before = 0;
      for (let bucket = 0; bucket < (buckets?.count ?? 1) && !signal?.aborted; bucket++) {
        if (buckets !== undefined) count = await load(epoch, bucket);
        const range = { start: layout.records, from: Math.max(0, begun.records - before), count };
        const { loss, done } = await trainRecords(pool, range, signal, (to) =>
          onProgress?.({
            ...{ epoch, epochs, records: before + to, totalRecords: cooccurrences.count },
            ...(losses.length > 0 && { loss: losses.at(-1)! }),
          }),
        );
        begun.loss += loss;
        begun.records += done;
        before += count;
      }
      if (begun.records < cooccurrences.count) break;
      losses.push(begun.loss / cooccurrences.count);
      begun.records = begun.loss = 0;
    }
  } finally {
    pool.stop();
    await buckets?.dispose();
  }
  const tables = layout.read(memory, "values");
  const { words, contexts } = tables;
  const scale = combine === "mean" ? 0.5 : 1;
  const values = combine === "word" ? words.slice() : words.map((value, i) => scale * (value + contexts[i]!));
  const complete = losses.length === epochs;
  return {
    vectors: new WordVectors({ words: vocabulary.words, dimension, values }),
    ...tables,
    ...{ losses, complete, options: { ...settings, initial: undefined } },
    state: complete ? undefined : { squares: layout.read(memory, "squares"), ...begun },
  };
}

/** Gives the records `from` up to `count` to the threads, block by block. @returns how many, and the sum of their losses. */
async function trainRecords(
  pool: KernelThreads,
  { start, from, count }: { start: number; from: number; count: number },
  signal: AbortSignal | undefined,
  onBlock: (done: number) => void,
): Promise<{ done: number; loss: number }> {
  const free = new FreeBlocks(2 * pool.count);
  let loss = 0;
  let at = from;
  while (at < count && !signal?.aborted) {
    const block = await free.take();
    const size = Math.min(BLOCK, count - at);
    pool.call(block % pool.count, "train", start + at * RECORD, size).then(
      (value) => {
        loss += value;
        free.give(block);
      },
      (error) => free.fail(error),
    );
    at += size;
    onBlock(at);
  }
  await free.all();
  return { done: Math.max(0, at - from), loss };
}

/** Copies records into the memory. @returns how many there are. */
async function fill(
  memory: WasmMemory,
  layout: Layout,
  records: AsyncIterable<Uint8Array>,
  words: number,
): Promise<number> {
  let count = 0;
  for await (const piece of records) {
    const ids = new Int32Array(piece.buffer, piece.byteOffset, piece.length / 4);
    for (let i = 0; i < ids.length; i += 4) {
      const [word, context] = [ids[i]!, ids[i + 1]!];
      if (word >= 1 && word <= words && context >= 1 && context <= words) continue;
      throw foreign(count + i / 4, word, context, words);
    }
    new Uint8Array(memory.buffer, layout.records + count * RECORD, piece.length).set(piece);
    count += piece.length / RECORD;
  }
  return count;
}

function foreign(record: number, word: number, context: number, words: number): SymgradError {
  return new SymgradError(
    "E_FORMAT",
    `record ${record} is of the words ${word} and ${context}, and the vocabulary has ${words}`,
    { where: "trainGloVe", hint: "give the vocabulary with which the pairs were counted" },
  );
}

/** Puts each record in a bucket at random: buckets one after the other, each shuffled, are all of them shuffled. */
async function scatter(
  cooccurrences: Cooccurrences,
  count: number,
  { folder, key }: ResolvedGloVeOptions,
): Promise<RecordBuckets> {
  const buckets = await RecordBuckets.create(count, folder);
  try {
    let part = 0;
    for await (const piece of cooccurrences.records()) {
      const words = new Uint32Array(piece.buffer, piece.byteOffset, piece.length / 4);
      const draws = key
        .fold("scatter")
        .fold(part++)
        .bits(words.length / 4);
      for (let i = 0; i < draws.length; i++) {
        const bucket = draws[i]! % count;
        if (buckets.add(bucket, words, 4 * i)) await buckets.flush(bucket);
      }
    }
    await buckets.flush();
  } catch (error) {
    await buckets.dispose();
    throw error;
  }
  return buckets;
}

type Layout = ReturnType<typeof layOut>;

/** Addresses in the memory that the threads share: rows of words, rows of contexts, records. */
function layOut(size: number, dimension: number, capacity: number) {
  const vector = Math.ceil(dimension / 4) * 16;
  const stride = Math.ceil((2 * vector + 8) / LINE) * LINE;
  const words = FIRST;
  const contexts = words + size * stride;
  const records = contexts + size * stride;
  // In a row: the vector, its sums, the bias and its sum.
  const offsets = { values: [0, 2 * vector], squares: [vector, 2 * vector + 4] } as const;
  return {
    ...{ words, contexts, records, capacity, end: records + capacity * RECORD },
    configure: ({ learningRate, gradientClip, exponent, xMax }: ResolvedGloVeOptions) => [
      ...[words, contexts, stride, vector],
      ...[learningRate, gradientClip, exponent, Math.log(xMax)],
    ],
    /**
     * Copies vectors and biases in, or AdaGrad's sums.
     *
     * @throws SymgradError `E_RANGE` if the tables are not words x dimension.
     */
    write(memory: WasmMemory, model: GloVeTables, what: "values" | "squares"): void {
      const [offset, biasOffset] = offsets[what];
      for (const [rows, table, biases] of [
        [words, model.words, model.wordBiases],
        [contexts, model.contexts, model.contextBiases],
      ] as const) {
        if (table.length !== size * dimension || biases.length !== size) {
          throw refused(`initial holds ${table.length} numbers, wanted ${size} words x ${dimension}`);
        }
        for (let row = 0; row < size; row++) {
          const at = rows + row * stride;
          const values = table.subarray(row * dimension, (row + 1) * dimension);
          new Float32Array(memory.buffer, at + offset, dimension).set(values);
          new Float32Array(memory.buffer, at + biasOffset, 1)[0] = biases[row]!;
        }
      }
    },
    read(memory: WasmMemory, what: "values" | "squares"): GloVeTables {
      const [offset, biasOffset] = offsets[what];
      const [word, context] = [words, contexts].map((rows) => {
        const table = new Float32Array(size * dimension);
        const biases = new Float32Array(size);
        for (let row = 0; row < size; row++) {
          const at = rows + row * stride;
          table.set(new Float32Array(memory.buffer, at + offset, dimension), row * dimension);
          biases[row] = new Float32Array(memory.buffer, at + biasOffset, 1)[0]!;
        }
        return { table, biases };
      });
      return {
        ...{ words: word!.table, contexts: context!.table },
        ...{ wordBiases: word!.biases, contextBiases: context!.biases },
      };
    },
  };
}

export type ResolvedGloVeOptions = Required<GloVeOptions>;

/** @throws SymgradError `E_RANGE` naming an option that makes no sense, and what is wanted. */
export function resolveGloVeOptions(options: GloVeOptions): ResolvedGloVeOptions {
  const resolved = {
    ...{ dimension: 50, epochs: 25, learningRate: 0.05, xMax: 100, exponent: 0.75, gradientClip: 100 },
    ...{
      combine: "sum" as const,
      threads: 1,
      key: options.key ?? keyOf(1),
      memory: 2 ** 31,
      folder: undefined,
    },
    ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  } as ResolvedGloVeOptions;
  const ranges = {
    dimension: [1, 16_384, true],
    epochs: [1, 1e6, true],
    learningRate: [Number.MIN_VALUE, 10],
    xMax: [Number.MIN_VALUE, 1e12],
    exponent: [0, 10],
    gradientClip: [Number.MIN_VALUE, Number.MAX_VALUE],
    memory: [RECORD * 1024, 2 ** 32],
  } as const;
  for (const [name, [least, most, whole = false]] of Object.entries(ranges)) {
    const value = resolved[name as keyof typeof ranges];
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) continue;
    throw refused(`${name} is ${value}, wanted a ${whole ? "whole " : ""}number from ${least} to ${most}`);
  }
  if (!["sum", "mean", "word"].includes(resolved.combine)) {
    throw refused(`combine is ${JSON.stringify(resolved.combine)}, wanted "sum", "mean" or "word"`);
  }
  assertThreads(resolved.threads);
  return resolved;
}

function refused(sentence: string): SymgradError {
  return new SymgradError("E_RANGE", sentence, { where: "trainGloVe" });
}
