export { SymgradError, type SymgradErrorOptions } from "./errors";
export { hostArgument, type HostArgument, hostTensor, isTracing } from "./trace";
export { jit, type JitFunction, type JitOptions } from "./jit";
export { registerOnnxRuntimeBackend } from "./backend";
