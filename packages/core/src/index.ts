export type { Provider, ProviderReport } from "@symgrad/tfjs-backend-onnxruntime";
export {
  type ExportAxis,
  type ExportedOnnx,
  type ExportedOnnxModels,
  type ExportInput,
  type ExportModel,
  type ExportOnnxOptions,
  exportOnnx,
  exportOnnxModels,
  type HostArgument,
  hostArgument,
  hostTensor,
  isTracing,
  type JitFunction,
  type JitOptions,
  jit,
  loadOnnxRuntime,
  type SessionOptions,
  sessionOptions,
} from "@symgrad/tfjs-backend-onnxruntime";
export type { BackendInfo, BackendReport, InitBackendOptions } from "./backend/backendChooser";
export type { BackendName } from "./backend/backendName";
export { backendReport, initBackend } from "./backend/initBackend";
export { fileError } from "./checkpoint/fileError";
export { loadParameters } from "./checkpoint/loadParameters";
export { readFileChunks } from "./checkpoint/readFileChunks";
export { readSafetensors } from "./checkpoint/readSafetensors";
export { saveSafetensors } from "./checkpoint/saveSafetensors";
export { writeFileAtomic } from "./checkpoint/writeFileAtomic";
export * from "./index.browser";
export { Embedding, type EmbeddingOptions } from "./modules/embedding";
export {
  type Initializer,
  normalInitializer,
  orthonormalRows,
  uniformInitializer,
} from "./modules/initializers";
export { LayerNorm, type LayerNormOptions } from "./modules/layerNorm";
export { Linear, type LinearOptions } from "./modules/linear";
export { Module } from "./modules/module";
export {
  type AttentionInputs,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from "./modules/multiHeadAttention";
export { dropout } from "./modules/ops/dropout";
export { gelu } from "./modules/ops/gelu";
export { layerNorm } from "./modules/ops/layerNorm";
export { logSumExp } from "./modules/ops/logSumExp";
export { maskLogits } from "./modules/ops/maskLogits";
export { oneHot } from "./modules/ops/oneHot";
export { softmaxCrossEntropy } from "./modules/ops/softmaxCrossEntropy";
export { ShortConvolution, type ShortConvolutionOptions } from "./modules/shortConvolution";
export {
  TransformerEncoder,
  type TransformerEncoderOptions,
  TransformerLayer,
  type TransformerLayerOptions,
} from "./modules/transformerEncoder";
export { Adagrad, type AdagradOptions } from "./optimizers/adagrad";
export { Adam, type AdamOptions } from "./optimizers/adam";
export { AdamW, type AdamWOptions } from "./optimizers/adamW";
export { type ClippedGradients, clipByGlobalNorm } from "./optimizers/clipByGlobalNorm";
export { Optimizer, type OptimizerOptions } from "./optimizers/optimizer";
export { RMSProp, type RMSPropOptions } from "./optimizers/rmsProp";
export {
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  type Schedule,
  type WarmupOptions,
} from "./optimizers/schedules";
export { SGD, type SGDOptions } from "./optimizers/sgd";
export { type ValueAndGradients, valueAndGradients } from "./optimizers/valueAndGradients";
export { bernoulli } from "./random/bernoulli";
export { type NormalOptions, normal } from "./random/normal";
export { type UniformOptions, uniform } from "./random/uniform";
export {
  type Checkpoint,
  type CheckpointContents,
  type MetricsRecord,
  RunDirectory,
} from "./training/runDirectory";
export { type TrainLoopOptions, type TrainProgress, trainLoop } from "./training/trainLoop";
