export { WordVectors, type WordVectorsOptions } from "./wordVectors";
