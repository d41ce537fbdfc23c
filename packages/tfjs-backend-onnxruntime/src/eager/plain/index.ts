import { binaryKernels } from "./binary";
import { copyKernels } from "./copies";
import { matMulKernels } from "./matMul";
import type { PlainKernels } from "./plainKernel";
import { reductionKernels } from "./reductions";
import { unaryKernels } from "./unary";

export type { PlainResult, PlainStore } from "./plainKernel";

/** TensorFlow.js kernel name -> a faster one than tfjs-cpu's for tensors that are too small for ONNX Runtime. */
export const plainKernels: PlainKernels = {
  ...binaryKernels,
  ...unaryKernels,
  ...copyKernels,
  ...reductionKernels,
  ...matMulKernels,
};
