import type { Cases } from "./battery";
import { boxCases } from "./boxes";
import { complexCases } from "./complex";
import { countingCases } from "./counting";
import { dilationCases } from "./dilation";
import { elementwiseCases } from "./elementwise";
import { functionCases } from "./functions";
import { imageCases } from "./images";
import { indexingCases } from "./indexing";
import { matrixCases } from "./matrix";
import { rearrangementCases } from "./rearrangements";
import { reductionCases } from "./reductions";
import { scatterCases } from "./scatter";
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
  ...scatterCases,
  ...countingCases,
  ...dilationCases,
  ...boxCases,
  ...complexCases,
};
