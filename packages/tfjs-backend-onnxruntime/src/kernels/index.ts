import { activationRules } from "./activations";
import { boxRules } from "./boxes";
import { convolutionRules } from "./convolution";
import { countingRules } from "./counting";
import { dilationRules } from "./dilation";
import { elementwiseRules } from "./elementwise";
import { functionRules } from "./functions";
import { imageRules } from "./images";
import { indexingRules } from "./indexing";
import { matrixRules } from "./matrix";
import { poolingRules } from "./pooling";
import { rearrangementRules } from "./rearrangements";
import { reductionRules } from "./reductions";
import type { KernelRules } from "./rule";
import { scatterRules } from "./scatter";
import { shapeRules } from "./shapes";
import { transformRules } from "./transform";

export { complexRules, givesComplex } from "./complex";
export { fusedRules } from "./fused";
export type { KernelRule, RuleInputs } from "./rule";

/** TensorFlow.js kernel name -> how it is written as ONNX nodes. A kernel that is not here runs eagerly only. */
export const kernelRules: KernelRules = {
  ...elementwiseRules,
  ...reductionRules,
  ...matrixRules,
  ...shapeRules,
  ...indexingRules,
  ...activationRules,
  ...convolutionRules,
  ...poolingRules,
  ...functionRules,
  ...imageRules,
  ...rearrangementRules,
  ...scatterRules,
  ...countingRules,
  ...dilationRules,
  ...boxRules,
  ...transformRules,
};
