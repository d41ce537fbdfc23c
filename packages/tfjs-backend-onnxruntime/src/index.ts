export { BACKEND_NAME, type OnnxRuntimeBackendOptions, registerOnnxRuntimeBackend } from "./backend";
export { SymgradError, type SymgradErrorOptions } from "./errors";
export { fusedGelu, fusedLayerNorm } from "./fused";
export { type HostArgument, hostArgument, hostTensor, isTracing } from "./jit/hostTensor";
export { type JitFunction, type JitOptions, type JitStats, jit } from "./jit/jit";
export { onnxRuntimeVersion } from "./onnxRuntimeVersion";
export type { HostData } from "./trace";
