export { BACKEND_NAME, type OnnxRuntimeBackendOptions, registerOnnxRuntimeBackend } from "./backend";
export { SymgradError, type SymgradErrorOptions } from "./errors";
export {
  type HostArgument,
  hostArgument,
  hostTensor,
  isTracing,
  type JitFunction,
  type JitOptions,
  type JitStats,
  jit,
} from "./jit";
export { onnxRuntimeVersion } from "./onnxRuntimeVersion";
export type { HostData } from "./trace";
