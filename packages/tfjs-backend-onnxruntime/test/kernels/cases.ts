import type { Cases } from "./battery";
import { elementwiseCases } from "./elementwise";
import { functionCases } from "./functions";
import { imageCases } from "./images";
import { indexingCases } from "./indexing";
import { matrixCases } from "./matrix";
import { rearrangementCases } from "./rearrangements";
import { reductionCases } from "./reductions";
import { shapeCases } from "./shapes";
import { windowCases } from "./windows";

/** Kernel name -> its cases, for every kernel that ONNX Runtime is given. */
export const cases: Cases = {
  ...elementwiseCases,
  ...reductionCases,
  ...matrixCases,
  ...shapeCases,
  ...indexingCases,
  ...windowCases,
  ...functionCases,
  ...imageCases,
  ...rearrangementCases,
};
