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
