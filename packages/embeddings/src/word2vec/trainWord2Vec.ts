import { SymgradError } from "@symgrad/core";
import type { Corpus } from "../corpus/corpus";
import { buildVocabulary, type VocabularyOptions } from "../vocabulary/buildVocabulary";
import type { Vocabulary } from "../vocabulary/vocabulary";
import { Word2VecMemory } from "./word2VecMemory";
import type { Word2VecModel } from "./word2VecModel";
import { resolveWord2VecOptions, type Word2VecOptions } from "./word2VecOptions";
import { Word2VecRun } from "./word2VecRun";

export interface TrainWord2VecOptions extends Word2VecOptions, VocabularyOptions {
  /** The words to train. Default: those counted in the corpus, by the options of {@link buildVocabulary}. */
  readonly vocabulary?: Vocabulary;
  /** Start from this model's vectors, word by word; words it does not know start at random. */
  readonly initial?: Pick<Word2VecModel, "vectors" | "output" | "nodes">;
}

/** Where a run stands. */
export interface TrainWord2VecProgress {
  readonly phase: "vocabulary" | "training";
  /** Words read. */
  readonly words: number;
  /** Words to read; undefined while they are counted. */
  readonly totalWords: number | undefined;
  readonly wordsPerSecond: number;
}

export interface TrainWord2VecHooks {
  onProgress?(progress: TrainWord2VecProgress): void;
  /** Stops the training: the model as it is then comes back, with `progress.complete` false. */
  signal?: AbortSignal | undefined;
}

/**
 * Trains word vectors: skip-gram or CBOW, with negative sampling, hierarchical softmax or both, following word2vec.c
 * where it and the papers differ. The corpus is read once to count its words, unless a vocabulary is given, and once an
 * epoch, in constant memory.
 *
 * @throws SymgradError `E_RANGE` for options that make no sense; `E_VOCABULARY` if there are not two words to train;
 *   `E_MEMORY` if the matrices take more than 4 GiB; `E_ABORT` for an abort while words are counted; what reading the
 *   corpus throws.
 * @see Mikolov et al. 2013, arXiv:1301.3781 and arXiv:1310.4546; threads: Recht et al. 2011, arXiv:1106.5730.
 */
export async function trainWord2Vec(
  corpus: Corpus,
  options: TrainWord2VecOptions = {},
  hooks: TrainWord2VecHooks = {},
): Promise<Word2VecModel> {
  const resolved = resolveWord2VecOptions(options);
  const vocabulary = options.vocabulary ?? (await count(corpus, options, hooks));
  assertTrainable(vocabulary);
  const memory = new Word2VecMemory(vocabulary, resolved);
  const seeds = resolved.key.bits(2 * resolved.threads);
  const randomStates = Array.from(
    { length: resolved.threads },
    (_, thread) => (BigInt(seeds[2 * thread]!) << 32n) | BigInt(seeds[2 * thread + 1]!),
  );
  const run = await Word2VecRun.start(memory, vocabulary, resolved, { ...begin, randomStates });
  await run.initialize(options.initial);
  return run.train(corpus, hooks);
}

/**
 * Goes on with a training that was aborted, with the options it was started with. On one thread, the vectors are those
 * of a training that was never stopped.
 */
export async function resumeWord2Vec(
  corpus: Corpus,
  model: Word2VecModel,
  hooks: TrainWord2VecHooks = {},
): Promise<Word2VecModel> {
  const { vocabulary, options, progress } = model;
  const memory = new Word2VecMemory(vocabulary, options);
  for (const matrix of ["input", "output", "nodes"] as const) {
    const table = matrix === "input" ? model.vectors.values : model[matrix];
    if (table !== undefined) memory.write(matrix, table);
  }
  return (await Word2VecRun.start(memory, vocabulary, options, progress)).train(corpus, hooks);
}

const begin = { words: 0, epoch: 0, epochWords: 0, complete: false };

async function count(
  corpus: Corpus,
  options: VocabularyOptions,
  { onProgress, signal }: TrainWord2VecHooks,
): Promise<Vocabulary> {
  const started = performance.now();
  return buildVocabulary(corpus, options, {
    signal,
    onProgress({ words }) {
      const wordsPerSecond = words / ((performance.now() - started) / 1000);
      onProgress?.({ phase: "vocabulary", words, totalWords: undefined, wordsPerSecond });
    },
  });
}

function assertTrainable(vocabulary: Vocabulary): void {
  const words = vocabulary.size - (vocabulary.hasLineEnd ? 1 : 0);
  if (words >= 2) return;
  throw new SymgradError("E_VOCABULARY", `the vocabulary has ${words} words, wanted at least 2`, {
    where: "trainWord2Vec",
    hint: "a word is learned from those around it: lower minCount, or use more text",
  });
}
