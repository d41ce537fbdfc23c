export { floats, paddingMasks, seeds, sizes } from "./arbitraries";
export {
  type CompareGradientsOptions,
  compareGradients,
  type GradientComparison,
  gradientTolerance,
} from "./compareGradients";
export { randomDirection } from "./randomDirection";
export { relativeError } from "./relativeError";
