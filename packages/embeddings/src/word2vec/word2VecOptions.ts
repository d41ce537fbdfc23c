import type { RandomKey } from "@symgrad/core";
import { key as keyOf, SymgradError } from "@symgrad/core";
import { assertThreads } from "../kernel/kernelThreads";

/** How word vectors are trained. The defaults are those of word2vec.c's skip-gram. */
export interface Word2VecOptions {
  /** `"skip-gram"`: a word of the context predicts the word in the middle; `"cbow"`: the whole context does. Default `"skip-gram"`. */
  readonly architecture?: "skip-gram" | "cbow";
  /** Components of a vector, 1 to 16,384. Default 100. */
  readonly dimension?: number;
  /** Largest distance of a word and its context; each middle draws its own from 1 to this. Default 5. */
  readonly windowSize?: number;
  /** Noise words for each pair; 0: none, hierarchical softmax alone. Default 5. */
  readonly negativeSamples?: number;
  /** Whether the pairs of a middle word share its noise words: about twice as fast, and another algorithm. Skip-gram only. Default false. */
  readonly sharedNegatives?: boolean;
  /** Noise words are drawn by count to this power. Default 0.75. */
  readonly samplingExponent?: number;
  /** Whether the middle word is (also) predicted down a Huffman tree. Default false. */
  readonly hierarchicalSoftmax?: boolean;
  /** CBOW takes the context's mean (default) or its sum. */
  readonly cbowInput?: "mean" | "sum";
  /** Words of a larger share than this are thinned out; 0: none. Default 1e-3. */
  readonly sample?: number;
  /** How they are, see {@link keepProbability}. Default `"code"`. */
  readonly subsampling?: "code" | "paper";
  /** Passes over the corpus. Default 5. */
  readonly epochs?: number;
  /** Learning rate at the start. Default 0.025 for skip-gram, 0.05 for CBOW. */
  readonly learningRate?: number;
  /** It falls with the words read, never below this. Default: the start's ten-thousandth. */
  readonly minLearningRate?: number;
  /** Input vectors start uniform over -/+ this divided by the dimension. Default 0.5, as in word2vec.c; in gensim 1. */
  readonly initialRange?: number;
  /** Longer sentences are cut. Default 1000 words. */
  readonly sentenceWords?: number;
  /** With 1, the same key gives the same vectors. Default 1. */
  readonly threads?: number;
  /** Where the randomness comes from. Default `key(1)`. */
  readonly key?: RandomKey;
}

export type ResolvedWord2VecOptions = Required<Word2VecOptions>;

/** @throws SymgradError `E_RANGE` naming an option that makes no sense, and what is wanted. */
export function resolveWord2VecOptions(options: Word2VecOptions): ResolvedWord2VecOptions {
  const architecture = options.architecture ?? "skip-gram";
  const learningRate = options.learningRate ?? (architecture === "cbow" ? 0.05 : 0.025);
  const resolved: ResolvedWord2VecOptions = {
    architecture,
    dimension: options.dimension ?? 100,
    windowSize: options.windowSize ?? 5,
    negativeSamples: options.negativeSamples ?? 5,
    sharedNegatives: options.sharedNegatives ?? false,
    samplingExponent: options.samplingExponent ?? 0.75,
    hierarchicalSoftmax: options.hierarchicalSoftmax ?? false,
    cbowInput: options.cbowInput ?? "mean",
    sample: options.sample ?? 1e-3,
    subsampling: options.subsampling ?? "code",
    epochs: options.epochs ?? 5,
    learningRate,
    minLearningRate: options.minLearningRate ?? learningRate * 1e-4,
    initialRange: options.initialRange ?? 0.5,
    sentenceWords: options.sentenceWords ?? 1000,
    threads: options.threads ?? 1,
    key: options.key ?? keyOf(1),
  };
  whole("dimension", resolved.dimension, 1, 16_384);
  whole("windowSize", resolved.windowSize, 1, 1000);
  whole("negativeSamples", resolved.negativeSamples, 0, 1000);
  whole("epochs", resolved.epochs, 1, 1e6);
  whole("sentenceWords", resolved.sentenceWords, 2, LONGEST_SENTENCE);
  range("sample", resolved.sample, 0, 1);
  range("samplingExponent", resolved.samplingExponent, -10, 10);
  range("learningRate", learningRate, Number.MIN_VALUE, 10);
  range("initialRange", resolved.initialRange, 0, 1000);
  range("minLearningRate", resolved.minLearningRate, 0, learningRate);
  oneOf("architecture", architecture, ["skip-gram", "cbow"]);
  oneOf("cbowInput", resolved.cbowInput, ["mean", "sum"]);
  oneOf("subsampling", resolved.subsampling, ["code", "paper"]);
  assertThreads(resolved.threads);
  if (resolved.negativeSamples === 0 && !resolved.hierarchicalSoftmax) {
    throw refused("negativeSamples is 0 without hierarchicalSoftmax: nothing would be learned", {
      hint: "draw noise words (negativeSamples: 5), or set hierarchicalSoftmax",
    });
  }
  if (resolved.sharedNegatives && architecture === "cbow") {
    throw refused(
      "sharedNegatives is for skip-gram: CBOW draws its noise words once for each middle word already",
      {
        hint: "leave it out",
      },
    );
  }
  return resolved;
}

/** The most words of a sentence that is not cut: they fit a block of ids. */
export const LONGEST_SENTENCE = 16_000;

function whole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw refused(`${name} is ${value}, wanted a whole number from ${least} to ${most}`);
}

function range(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw refused(`${name} is ${value}, wanted a number from ${least} to ${most}`);
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw refused(
    `${name} is ${JSON.stringify(value)}, wanted ${known.map((k) => JSON.stringify(k)).join(" or ")}`,
  );
}

function refused(sentence: string, { hint }: { hint?: string } = {}): SymgradError {
  return new SymgradError("E_RANGE", sentence, { where: "trainWord2Vec", hint });
}
