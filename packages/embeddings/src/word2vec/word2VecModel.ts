import type { Vocabulary } from "../vocabulary/vocabulary";
import type { WordVectors } from "../wordVectors";
import type { ResolvedWord2VecOptions } from "./word2VecOptions";

/** Trained word vectors, and all that is needed to train on. */
export interface Word2VecModel {
  readonly vectors: WordVectors;
  readonly vocabulary: Vocabulary;
  /** The words' vectors as outputs of negative sampling, float32 [words, dimension]; undefined without it. */
  readonly output: Float32Array | undefined;
  /** The inner nodes' vectors of hierarchical softmax, float32 [words, dimension], the last row unused; undefined without it. */
  readonly nodes: Float32Array | undefined;
  readonly options: ResolvedWord2VecOptions;
  readonly progress: Word2VecProgress;
}

/** How far a training has come. */
export interface Word2VecProgress {
  /** Words read, over all epochs. */
  readonly words: number;
  /** Epochs done with, and words read in the one begun. */
  readonly epoch: number;
  readonly epochWords: number;
  /** Random state of each thread. */
  readonly randomStates: readonly bigint[];
  /** False after an abort: {@link resumeWord2Vec} goes on from here. */
  readonly complete: boolean;
}
