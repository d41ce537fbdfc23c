export { BACKEND_NAME, type OnnxRuntimeBackendOptions, registerOnnxRuntimeBackend } from "./backend";
export { copiedTensor } from "./copiedTensor";
export { exportOnnx, exportOnnxModels } from "./export/exportOnnx";
export type {
  ExportAxis,
  ExportedOnnx,
  ExportedOnnxModels,
  ExportedTensor,
  ExportInput,
  ExportModel,
  ExportOnnxOptions,
  InferenceFunction,
} from "./export/exportTypes";
export { fusedAttention, fusedGelu, fusedLayerNorm } from "./fused";
export * from "./index.browser";
export { hasVaryingShapes, hostTensor, isTracing } from "./jit/hostTensor";
export { type JitFunction, type JitOptions, type JitStats, jit } from "./jit/jit";
export { onnxRuntimeVersion } from "./onnxRuntimeVersion";
export { type Provider, type ProviderReport, providerReport } from "./providers";
export { loadOnnxRuntime, type SessionOptions, sessionOptions } from "./runtime";
export type { HostData } from "./trace";
