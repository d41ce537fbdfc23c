export { loadWordVectors } from "./formats/loadWordVectors";
export { type SaveWordVectorsOptions, saveWordVectors } from "./formats/saveWordVectors";
export {
  type LoadWordVectorsOptions,
  type WordVectorsFormat,
  wordVectorsFormats,
} from "./formats/wordVectorsFormat";
export { WordVectors, type WordVectorsOptions } from "./wordVectors";
