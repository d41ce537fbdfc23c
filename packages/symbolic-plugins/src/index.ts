export type {
  ArgumentSpace,
  ArgumentSpaces,
  ArgumentValues,
  Position,
  Positions,
} from "./arguments/argumentSpace";
export { decimal } from "./arguments/decimal";
export { distinct } from "./arguments/distinct";
export { fromExample } from "./arguments/fromExample";
export { text } from "./arguments/text";
export type { ValueType } from "./arguments/valueType";
export { calculator } from "./builtin/calculator";
export { type Candidates, type ExampleCandidates, listCandidates } from "./candidates";
export { defineFunction, type FunctionDefinition, type SymbolicFunction } from "./define";
export { categorical } from "./distribution/categorical";
export type { Dist, LogProbs, Support } from "./distribution/dist";
export { logProbAt } from "./distribution/logProbAt";
export { mapDist } from "./distribution/mapDist";
export type { EvaluatedOk, EvaluatedResult, EvaluationCounters } from "./evaluate";
export { type CollateOptions, collate, type PreparedInputs } from "./layer/collate";
export { gatherChoice } from "./layer/gatherChoice";
export type { CandidateResult, Prepared } from "./layer/prepare";
export { compactRow, type PreparedRow } from "./layer/preparedRow";
export type { ResultTokens } from "./layer/resultTokens";
export type {
  Applied,
  ApplyOptions,
  LayerOptions,
  OnUndefined,
  PrepareOptions,
  SymbolicLayer,
  Trace,
} from "./layer/symbolicLayer";
export { type OutputSpecification, type TokensOptions, type TokenVocabulary, tokens } from "./output";
export { createRegistry, type RegisterOptions, type Registry } from "./registry";
export {
  type OkOptions,
  type OkResult,
  ok,
  type Result,
  type UndefinedResult,
  undefinedResult,
} from "./result";
export { consistentCandidates } from "./supervision/consistentCandidates";
export { type ArgumentLoss, argumentLosses } from "./supervision/losses/argumentLoss";
export { binaryCrossEntropyLoss } from "./supervision/losses/binaryCrossEntropyLoss";
export { hardEMLoss } from "./supervision/losses/hardEMLoss";
export { marginalLikelihoodLoss } from "./supervision/losses/marginalLikelihoodLoss";
export { topkMarginalLikelihoodLoss } from "./supervision/losses/topkMarginalLikelihoodLoss";
