// What needs no files and no layers, and so runs in a browser as it is.
export type { Corpus } from "./corpus/corpus";
export { lowerCased, type MapTextOptions, mapText, tokenized } from "./corpus/mapText";
export { findPhrases, type PhraseOptions, type Phrases, withPhrases } from "./corpus/phrases";
export { textLines } from "./corpus/textLines";
export { type OpenedText, type TextSource, textSource } from "./corpus/textSource";
export {
  type AnalogyScores,
  type EvaluateAnalogiesOptions,
  evaluateAnalogies,
} from "./evaluation/evaluateAnalogies";
export { evaluateSimilarity, type Score } from "./evaluation/evaluateSimilarity";
export type { AnalogySection, WordPair } from "./evaluation/evaluationSet";
export { spearman } from "./evaluation/spearman";
export { decodeWordVectors } from "./formats/decodeWordVectors";
export { encodeWordVectors } from "./formats/encodeWordVectors";
export {
  type LoadWordVectorsOptions,
  type TableFormat,
  type WordVectorsFormat,
  wordVectorsFormats,
} from "./formats/wordVectorsFormat";
export type { Cooccurrences } from "./glove/cooccurrences";
export {
  type CooccurrenceHooks,
  type CooccurrenceOptions,
  countCooccurrences,
} from "./glove/countCooccurrences";
export {
  type GloVeHooks,
  type GloVeModel,
  type GloVeOptions,
  type GloVeState,
  type GloVeTables,
  type ResolvedGloVeOptions,
  resumeGloVe,
  trainGloVe,
} from "./glove/trainGloVe";
export { UNKNOWN_WORD, withUnknownWord } from "./glove/withUnknownWord";
export { MOST_POINTS, type TsneOptions, tsne } from "./map/tsne";
export { type WordMapOptions, wordMap } from "./map/wordMap";
export { type AnalogyOptions, type AnalogyQuestion, analogy } from "./search/analogy";
export { ExactSearch } from "./search/exactSearch";
export { type Neighbor, type NeighborsOptions, neighbors, type SearchResult } from "./search/neighbors";
export { similarity } from "./search/similarity";
export { type WordClassesOptions, wordClasses } from "./search/wordClasses";
export type { Match, NearestOptions, WordSearch } from "./search/wordSearch";
export { buildVocabulary, type CountHooks, type VocabularyOptions } from "./vocabulary/buildVocabulary";
export { LINE_END_WORD, Vocabulary } from "./vocabulary/vocabulary";
export { formatVocabulary, parseVocabulary } from "./vocabulary/vocabularyText";
export { type KeepProbabilityOptions, keepProbability } from "./word2vec/keepProbability";
export {
  resumeWord2Vec,
  type TrainWord2VecHooks,
  type TrainWord2VecOptions,
  type TrainWord2VecProgress,
  trainWord2Vec,
} from "./word2vec/trainWord2Vec";
export type { Word2VecModel, Word2VecProgress } from "./word2vec/word2VecModel";
export { decodeWord2VecModel, encodeWord2VecModel } from "./word2vec/word2VecModelBytes";
export type { ResolvedWord2VecOptions, Word2VecOptions } from "./word2vec/word2VecOptions";
export { WordVectors, type WordVectorsOptions } from "./wordVectors";
