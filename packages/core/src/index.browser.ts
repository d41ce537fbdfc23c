// What needs neither Node nor TensorFlow.js, and so runs in a browser as it is.
export {
  decodeSafetensors,
  type SafetensorsFile,
  type SafetensorsSource,
} from "./checkpoint/decodeSafetensors";
export { encodeSafetensors, type SavableTensor } from "./checkpoint/encodeSafetensors";
export type { SafetensorsDtype, StoredTensor, TensorData } from "./checkpoint/safetensorsFormat";
export { SymgradError, type SymgradErrorOptions } from "./errors";
export { escapeHtml } from "./escapeHtml";
export { nearestNames } from "./nearestNames";
export { gumbelData } from "./random/gumbelData";
export { permutation } from "./random/permutation";
export { key, RandomKey } from "./random/randomKey";
export { uniform52 } from "./random/uniform52";
export { uniformInt } from "./random/uniformInt";
