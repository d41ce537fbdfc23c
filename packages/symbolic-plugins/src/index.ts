export type {
  ArgumentSpace,
  ArgumentSpaces,
  ArgumentValues,
  Position,
  Positions,
  SpaceValue,
} from "./arguments/argumentSpace";
export { type CalendarDate, dateExists } from "./arguments/calendarDate";
export { date } from "./arguments/date";
export { decimal } from "./arguments/decimal";
export { distinct } from "./arguments/distinct";
export { fromExample } from "./arguments/fromExample";
export { listOf } from "./arguments/listOf";
export { type Dimension, type Measure, measure, type UnitName } from "./arguments/measure";
export { type Literal, oneOf } from "./arguments/oneOf";
export { type PairsOptions, pairs } from "./arguments/pairs";
export { product } from "./arguments/product";
export { range } from "./arguments/range";
export { text } from "./arguments/text";
export {
  type Duration,
  type DurationUnit,
  type TimeExpression,
  timeExpression,
} from "./arguments/timeExpression";
export type { ValueType } from "./arguments/valueType";
export { wholeField } from "./arguments/wholeField";
export { contractVersion } from "./assertFunction";
export { type ContractCheck, type PluginContractOptions, pluginContract } from "./battery/pluginContract";
export { builtins } from "./builtin/builtins";
export {
  type CalculatorArguments,
  type CalculatorForm,
  type CalculatorOperation,
  type CalculatorOptions,
  calculator,
  createCalculator,
} from "./builtin/calculator";
export {
  type ComparatorOperation,
  type ComparatorOptions,
  comparator,
  createComparator,
} from "./builtin/comparator";
export { count } from "./builtin/count";
export { dateArithmetic } from "./builtin/dateArithmetic";
export { type RegexExtractArguments, type RegexExtractOptions, regexExtract } from "./builtin/regexExtract";
export { unitConversion } from "./builtin/unitConversion";
export type { RunContext } from "./callContext";
export {
  type Candidates,
  type ExampleCandidates,
  listCandidates,
  type StreamedCandidate,
  streamCandidates,
} from "./candidates";
export { defineFunction, type FunctionDefinition, type SymbolicFunction } from "./define";
export { categorical } from "./distribution/categorical";
export type { Dist, LogProbs, Support } from "./distribution/dist";
export { logProbAt } from "./distribution/logProbAt";
export { mapDist } from "./distribution/mapDist";
export type {
  EvaluatedOk,
  EvaluatedResult,
  EvaluationCounters,
  SkippedResult,
} from "./evaluate";
export { type GradcheckOptions, type GradcheckReport, gradcheck } from "./honesty/gradcheck";
export { type UsageOptions, type UsageReport, usage } from "./honesty/usage";
export { type CollateOptions, collate, moveCandidate, type PreparedInputs } from "./layer/collate";
export { gatherChoice } from "./layer/gatherChoice";
export { gatherKept, type KeptCandidates, keepTop } from "./layer/keepTop";
export type { CandidateResult, Prepared } from "./layer/prepare";
export { compactRow, type PreparedRow } from "./layer/preparedRow";
export type { RowOptions } from "./layer/prepareRows";
export type { ResultTokens } from "./layer/resultTokens";
export type {
  Applied,
  ApplyOptions,
  LayerOptions,
  OnUndefined,
  PrepareAfterOptions,
  PrepareOptions,
  RowsAfterOptions,
  SymbolicLayer,
  Trace,
} from "./layer/symbolicLayer";
export { registerTfLayer, type TfLayerOptions } from "./layer/tfLayer";
export { type MixedRadix, mixedRadix } from "./mixedRadix";
export { type OutputSpecification, type TokensOptions, type TokenVocabulary, tokens } from "./output";
export { mass } from "./pruning/mass";
export type { Pruning } from "./pruning/pruning";
export { topK } from "./pruning/topK";
export { createRegistry, type RegisterOptions, type Registry } from "./registry";
export {
  type OkOptions,
  type OkResult,
  ok,
  type Result,
  type TimeoutResult,
  type UndefinedResult,
  undefinedResult,
} from "./result";
export { afterStages, fromStage, resultValues, type Stage } from "./stages/fromStage";
export type { PlaceOf } from "./stages/prepareAfter";
export { type AmbiguityReport, ambiguity } from "./supervision/ambiguity";
export { consistentCandidates } from "./supervision/consistentCandidates";
export { type ArgumentLoss, argumentLosses } from "./supervision/losses/argumentLoss";
export { binaryCrossEntropyLoss } from "./supervision/losses/binaryCrossEntropyLoss";
export { hardEMLoss } from "./supervision/losses/hardEMLoss";
export { marginalLikelihoodLoss } from "./supervision/losses/marginalLikelihoodLoss";
export { topkMarginalLikelihoodLoss } from "./supervision/losses/topkMarginalLikelihoodLoss";
export { type Solution, type SolveOptions, solve } from "./supervision/solve";
