export { Categorical } from "./distributions/categorical";
export type { Distribution, ReparameterizedDistribution } from "./distributions/distribution";
export {
  ExpRelaxedOneHotCategorical,
  type RelaxedOptions,
} from "./distributions/expRelaxedOneHotCategorical";
export { Gumbel, type GumbelOptions } from "./distributions/gumbel";
export { klDivergence } from "./distributions/klDivergence";
export { OneHotCategorical } from "./distributions/oneHotCategorical";
export { RelaxedOneHotCategorical } from "./distributions/relaxedOneHotCategorical";
export type {
  Choice,
  ChooseOptions,
  Estimator,
  EstimatorNeeds,
  LossFunction,
  PathwiseEstimator,
  SampledEstimator,
  StatefulEstimator,
  Temperature,
} from "./estimator";
export { type GumbelSoftmaxOptions, gumbelSoftmax } from "./estimators/gumbelSoftmax";
export { type StraightThroughGumbelOptions, straightThroughGumbel } from "./estimators/straightThroughGumbel";
export type { CategoricalOptions } from "./internal/categoricalLogits";
export { type MaskedSoftmaxOptions, maskedSoftmax } from "./maskedSoftmax";
export { gumbelNoise } from "./noise/gumbelNoise";
export { constantTemperature } from "./schedules/constantTemperature";
export { cosineTemperature } from "./schedules/cosineTemperature";
export { type EntropyTemperatureOptions, entropyTemperature } from "./schedules/entropyTemperature";
export { exponentialTemperature } from "./schedules/exponentialTemperature";
export { LearnedTemperature, type LearnedTemperatureOptions } from "./schedules/learnedTemperature";
export { linearTemperature } from "./schedules/linearTemperature";
export type { TemperatureRange, TemperatureSchedule } from "./schedules/temperatureSchedule";
