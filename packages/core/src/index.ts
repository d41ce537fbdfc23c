export { hostArgument, type HostArgument, hostTensor, isTracing, jit, type JitFunction, type JitOptions } from "@symgrad/tfjs-backend-onnxruntime";
export { SymgradError, type SymgradErrorOptions } from "./errors";
