export type { Corpus } from "./corpus/corpus";
export { textFiles } from "./corpus/textFiles";
export { textLines } from "./corpus/textLines";
export { loadWordVectors } from "./formats/loadWordVectors";
export { type SaveWordVectorsOptions, saveWordVectors } from "./formats/saveWordVectors";
export {
  type LoadWordVectorsOptions,
  type WordVectorsFormat,
  wordVectorsFormats,
} from "./formats/wordVectorsFormat";
export { buildVocabulary, type CountHooks, type VocabularyOptions } from "./vocabulary/buildVocabulary";
export { LINE_END_WORD, Vocabulary } from "./vocabulary/vocabulary";
export { type KeepProbabilityOptions, keepProbability } from "./word2vec/keepProbability";
export {
  resumeWord2Vec,
  type TrainWord2VecHooks,
  type TrainWord2VecOptions,
  type TrainWord2VecProgress,
  trainWord2Vec,
} from "./word2vec/trainWord2Vec";
export type { Word2VecModel, Word2VecProgress } from "./word2vec/word2VecModel";
export type { ResolvedWord2VecOptions, Word2VecOptions } from "./word2vec/word2VecOptions";
export { WordVectors, type WordVectorsOptions } from "./wordVectors";
