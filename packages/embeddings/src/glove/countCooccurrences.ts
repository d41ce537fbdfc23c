import { SymgradError } from "@symgrad/core";
import type { Corpus } from "../corpus/corpus";
import type { Vocabulary } from "../vocabulary/vocabulary";
import { wordIds } from "../vocabulary/wordIds";
import { type Cooccurrences, RECORD } from "./cooccurrences";
import { CooccurrenceTable, PAIR } from "./cooccurrenceTable";
import { PairSpill } from "./pairSpill";

export interface CooccurrenceOptions {
  /** Largest distance of two words, 1 to 4,096. Default 15. */
  readonly windowSize?: number;
  /** Whether words to the right count as well as those to the left. Default true. */
  readonly symmetric?: boolean;
  /** Whether a pair weighs 1 / distance (default) or 1. */
  readonly distanceWeighting?: boolean;
  /** Bytes for counting; beyond, pairs go to disk. Default 2 GiB, the most. */
  readonly memory?: number;
  /** Where they go. Default: the system's folder for such files. */
  readonly folder?: string | undefined;
  /** Counts a part of the text: that of number `index`, from 0 on, of `count`. All parts together are the whole. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
}

export interface CooccurrenceHooks {
  onProgress?(progress: { words: number; totalWords: number }): void;
  signal?: AbortSignal | undefined;
}

/** Rows counted, or left out by a shard, at a time. */
const BLOCK = 1 << 16;

/**
 * Counts how often words stand near each other, in one pass: words that are not in the vocabulary are left out before
 * distances are measured, and no pair crosses the end of a line.
 *
 * A weight is the sum of 1 / distance, each rounded to a multiple of 2^-24: sums are exact, so that shards, and counting
 * that goes over disk, give the same numbers as one run.
 *
 * @throws SymgradError `E_RANGE` for options that make no sense; `E_DISK`, `E_FILE` if pairs cannot go to disk; `E_ABORT`
 *   when the signal is aborted.
 * @see Pennington, Socher and Manning 2014, "GloVe"; its cooccur.c.
 */
export async function countCooccurrences(
  corpus: Corpus,
  vocabulary: Vocabulary,
  options: CooccurrenceOptions = {},
  { onProgress, signal }: CooccurrenceHooks = {},
): Promise<Cooccurrences> {
  const {
    windowSize = 15,
    symmetric = true,
    distanceWeighting = true,
    memory = 2 ** 31,
    folder,
    shard,
  } = options;
  whole("windowSize", windowSize, 1, 4096);
  if (!(memory >= 2 ** 20)) throw refused(`memory is ${memory} bytes, wanted at least ${2 ** 20}`);
  const { index, count } = shard ?? { index: 0, count: 1 };
  whole("shard.count", count, 1, 1e6);
  whole("shard.index", index, 0, count - 1);

  const settings = { memory, windowSize, symmetric, distanceWeighting };
  const table = new CooccurrenceTable(settings);
  let spill: PairSpill | undefined;
  const empty = async () => {
    spill ??= await PairSpill.create(folder);
    await spill.add(table);
    table.clear();
  };
  let words = 0;
  let block = 0;
  try {
    for await (const ids of wordIds(corpus, vocabulary, { capacity: BLOCK })) {
      if (signal?.aborted) throw new SymgradError("E_ABORT", "stopped while counting pairs; nothing is kept");
      await table.count(ids, block++ % count === index, empty);
      words += ids.length;
      onProgress?.({ words, totalWords: vocabulary.total });
    }
    if (spill !== undefined) await empty();
  } catch (error) {
    await spill?.dispose();
    throw error;
  }
  return spill === undefined ? inMemory(table, symmetric) : onDisk(spill, settings);
}

function inMemory(table: CooccurrenceTable, symmetric: boolean): Cooccurrences {
  return {
    count: recordCount(table, symmetric),
    async *records() {
      yield* recordsOf(table, symmetric);
    },
    async dispose() {},
  };
}

async function onDisk(
  spill: PairSpill,
  settings: ConstructorParameters<typeof CooccurrenceTable>[0],
): Promise<Cooccurrences> {
  async function* tables() {
    for (let part = 0; part < spill.parts; part++) {
      const table = new CooccurrenceTable(settings);
      for await (const pairs of spill.read(part)) {
        if (table.add(pairs)) continue;
        throw new SymgradError(
          "E_MEMORY",
          `a ${spill.parts}th of the pairs takes more than ${settings.memory} bytes`,
          {
            where: "countCooccurrences",
            hint: "raise memory, raise the vocabulary's minCount, or count in shards",
          },
        );
      }
      yield table;
    }
  }
  let count = 0;
  for await (const table of tables()) count += recordCount(table, settings.symmetric);
  return {
    count,
    async *records() {
      for await (const table of tables()) yield* recordsOf(table, settings.symmetric);
    },
    dispose: () => spill.dispose(),
  };
}

function recordCount(table: CooccurrenceTable, symmetric: boolean): number {
  if (!symmetric) return table.size;
  const slots = table.slots();
  let same = 0;
  for (let i = 0; i < slots.length; i += 4) if (slots[i] !== 0 && slots[i] === slots[i + 1]) same++;
  return 2 * table.size - same;
}

/** The table's pairs as records; those of a symmetric one both ways. */
function* recordsOf(table: CooccurrenceTable, symmetric: boolean): Generator<Uint8Array> {
  const slots = table.slots();
  const piece = new Uint32Array((1 << 16) * (RECORD / 4));
  let filled = 0;
  const put = (word: number, context: number, slot: number) => {
    piece[filled] = word;
    piece[filled + 1] = context;
    piece[filled + 2] = slots[slot + 2]!;
    piece[filled + 3] = slots[slot + 3]!;
    filled += 4;
  };
  for (let slot = 0; slot < slots.length; slot += PAIR / 4) {
    const context = slots[slot]!;
    if (context === 0) continue;
    const word = slots[slot + 1]!;
    put(word, context, slot);
    if (symmetric && word !== context) put(context, word, slot);
    if (filled + 8 > piece.length) {
      yield new Uint8Array(piece.buffer, 0, filled * 4);
      filled = 0;
    }
  }
  if (filled > 0) yield new Uint8Array(piece.buffer, 0, filled * 4);
}

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw refused(`${name} is ${value}, wanted a whole number from ${least} to ${most}`);
}

function refused(sentence: string): SymgradError {
  return new SymgradError("E_RANGE", sentence, { where: "countCooccurrences" });
}
