export { hostArgument, type HostArgument, hostTensor, isTracing, jit, type JitFunction, type JitOptions } from "@symgrad/tfjs-backend-onnxruntime";
export { SymgradError, type SymgradErrorOptions } from "./errors";
export { bernoulli } from "./random/bernoulli";
export { type NormalOptions, normal } from "./random/normal";
export { permutation } from "./random/permutation";
export { key, RandomKey } from "./random/randomKey";
export { type UniformOptions, uniform } from "./random/uniform";
export { uniform52 } from "./random/uniform52";
export { uniformInt } from "./random/uniformInt";
