export type { Corpus } from "./corpus/corpus";
export { lowerCased, type MapTextOptions, mapText, tokenized } from "./corpus/mapText";
export { findPhrases, type PhraseOptions, type Phrases, withPhrases } from "./corpus/phrases";
export { type SpooledCorpus, spooled } from "./corpus/spooled";
export { textFiles } from "./corpus/textFiles";
export { textLines } from "./corpus/textLines";
export {
  type AnalogyScores,
  type EvaluateAnalogiesOptions,
  evaluateAnalogies,
} from "./evaluation/evaluateAnalogies";
export { evaluateSimilarity, type Score } from "./evaluation/evaluateSimilarity";
export { type EvaluationRow, evaluateWordVectors } from "./evaluation/evaluateWordVectors";
export {
  type AnalogySection,
  type EvaluationSet,
  readEvaluationSet,
  type WordPair,
} from "./evaluation/readEvaluationSet";
export { spearman } from "./evaluation/spearman";
export { loadWordVectors } from "./formats/loadWordVectors";
export { type SaveWordVectorsOptions, saveWordVectors } from "./formats/saveWordVectors";
export {
  type LoadWordVectorsOptions,
  type WordVectorsFormat,
  wordVectorsFormats,
} from "./formats/wordVectorsFormat";
export { openCooccurrences, saveCooccurrences } from "./glove/cooccurrenceFile";
export type { Cooccurrences } from "./glove/cooccurrences";
export {
  type CooccurrenceHooks,
  type CooccurrenceOptions,
  countCooccurrences,
} from "./glove/countCooccurrences";
export { mergeShards, saveShard } from "./glove/shards";
export { type GloVeHooks, type GloVeModel, type GloVeOptions, trainGloVe } from "./glove/trainGloVe";
export { UNKNOWN_WORD, withUnknownWord } from "./glove/withUnknownWord";
export { MOST_POINTS, type TsneOptions, tsne } from "./map/tsne";
export { type WordMapOptions, wordMap } from "./map/wordMap";
export { type AnalogyOptions, type AnalogyQuestion, analogy } from "./search/analogy";
export { ApproximateSearch, type ApproximateSearchOptions } from "./search/approximateSearch";
export { type CreateSearchOptions, createSearch, MOST_EXACT_WORDS } from "./search/createSearch";
export { ExactSearch } from "./search/exactSearch";
export { type Neighbor, type NeighborsOptions, neighbors, type SearchResult } from "./search/neighbors";
export { similarity } from "./search/similarity";
export type { Match, NearestOptions, WordSearch } from "./search/wordSearch";
export { type EmbeddingLayerOptions, toEmbeddingLayer } from "./toEmbeddingLayer";
export { buildVocabulary, type CountHooks, type VocabularyOptions } from "./vocabulary/buildVocabulary";
export { LINE_END_WORD, Vocabulary } from "./vocabulary/vocabulary";
export { loadVocabulary, saveVocabulary } from "./vocabulary/vocabularyFile";
export { type KeepProbabilityOptions, keepProbability } from "./word2vec/keepProbability";
export {
  resumeWord2Vec,
  type TrainWord2VecHooks,
  type TrainWord2VecOptions,
  type TrainWord2VecProgress,
  trainWord2Vec,
} from "./word2vec/trainWord2Vec";
export type { Word2VecModel, Word2VecProgress } from "./word2vec/word2VecModel";
export { loadWord2VecModel, saveWord2VecModel } from "./word2vec/word2VecModelFile";
export type { ResolvedWord2VecOptions, Word2VecOptions } from "./word2vec/word2VecOptions";
export { WordVectors, type WordVectorsOptions } from "./wordVectors";
