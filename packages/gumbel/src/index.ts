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
  Objective,
  PathwiseEstimator,
  SampledEstimator,
  StatefulEstimator,
  Temperature,
} from "./estimator";
export { darn } from "./estimators/darn";
export { entmax15 } from "./estimators/entmax15";
export { exact } from "./estimators/exact";
export { exactMarginal } from "./estimators/exactMarginal";
export { type GappedStraightThroughOptions, gappedStraightThrough } from "./estimators/gappedStraightThrough";
export { type GumbelRaoOptions, gumbelRao } from "./estimators/gumbelRao";
export { type GumbelSoftmaxOptions, gumbelSoftmax } from "./estimators/gumbelSoftmax";
export { type ImleOptions, imle } from "./estimators/imle";
export { type IndecaterOptions, indecater } from "./estimators/indecater";
export { type PerturbedOptions, perturbed } from "./estimators/perturbed";
export { type RebarOptions, rebar } from "./estimators/rebar";
export { reinforce } from "./estimators/reinforce";
export {
  type ReinforceMovingAverageOptions,
  reinforceMovingAverage,
} from "./estimators/reinforceMovingAverage";
export { reinforceSelfCritic } from "./estimators/reinforceSelfCritic";
export { type ReinmaxOptions, reinmax } from "./estimators/reinmax";
export { type RelaxOptions, relax } from "./estimators/relax";
export { type RlooOptions, rloo } from "./estimators/rloo";
export { sparsemax } from "./estimators/sparsemax";
export { type StraightThroughOptions, straightThrough } from "./estimators/straightThrough";
export { type StraightThroughGumbelOptions, straightThroughGumbel } from "./estimators/straightThroughGumbel";
export { type TopKTailOptions, topKTail } from "./estimators/topKTail";
export { type VargradOptions, vargrad } from "./estimators/vargrad";
export { zgr } from "./estimators/zgr";
export type { CategoricalOptions } from "./internal/categoricalLogits";
export { biasVarianceSvg } from "./laboratory/biasVarianceSvg";
export type { GradientProblem } from "./laboratory/gradientProblem";
export {
  type GradientReportOptions,
  type GradientReportRow,
  gradientReport,
} from "./laboratory/gradientReport";
export { laboratoryEstimators } from "./laboratory/laboratoryEstimators";
export { gradientProblem, type ProblemName, problemNames } from "./laboratory/problems";
export { type MarginalLossOptions, marginalLoss } from "./marginalLoss";
export { type MaskedSoftmaxOptions, maskedSoftmax } from "./maskedSoftmax";
export { gumbelNoise } from "./noise/gumbelNoise";
export { constantTemperature } from "./schedules/constantTemperature";
export { cosineTemperature } from "./schedules/cosineTemperature";
export { type EntropyTemperatureOptions, entropyTemperature } from "./schedules/entropyTemperature";
export { exponentialTemperature } from "./schedules/exponentialTemperature";
export { LearnedTemperature, type LearnedTemperatureOptions } from "./schedules/learnedTemperature";
export { linearTemperature } from "./schedules/linearTemperature";
export type { TemperatureRange, TemperatureSchedule } from "./schedules/temperatureSchedule";
export { type GumbelSinkhornOptions, gumbelSinkhorn } from "./subsets/gumbelSinkhorn";
export { type GumbelTopKOptions, gumbelTopK } from "./subsets/gumbelTopK";
export { type SimpleSubsetOptions, simpleSubset, subsetMarginals } from "./subsets/simpleSubset";
export type { SubsetChoice, SubsetEstimator } from "./subsets/subsetEstimator";
