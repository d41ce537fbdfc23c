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
export { type MaskedSoftmaxOptions, maskedSoftmax } from "./maskedSoftmax";
export { gumbelNoise } from "./noise/gumbelNoise";
export { constantTemperature } from "./schedules/constantTemperature";
export { cosineTemperature } from "./schedules/cosineTemperature";
export { exponentialTemperature } from "./schedules/exponentialTemperature";
export { linearTemperature } from "./schedules/linearTemperature";
export type { TemperatureRange, TemperatureSchedule } from "./schedules/temperatureSchedule";
