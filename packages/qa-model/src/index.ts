export { type ArgumentLoss, binaryCrossEntropyLoss, marginalLikelihoodLoss } from "@symgrad/symbolic-plugins";
export { answerAsNumber, isSameNumber } from "./data/answerAsNumber";
export { formatSyntheticLine } from "./data/formatSyntheticLine";
export {
  type GenerateSyntheticOptions,
  generateSynthetic,
  type SyntheticExample,
  syntheticExample,
} from "./data/generateSynthetic";
export type { QaExample, QaQuestion } from "./data/parseExample";
export { type ReadExamplesOptions, readExamples, streamExamples } from "./data/readExamples";
export type { SyntheticOptions, SyntheticType } from "./data/syntheticOptions";
export { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS } from "./data/syntheticWords";
export { SequenceEncoder, type SequenceEncoderOptions } from "./encoder/sequenceEncoder";
export { ARGUMENT_LOSSES, type ArgumentLossName } from "./losses/argumentLosses";
export { type EndLossResult, endLoss, type SpanLists } from "./losses/endLoss";
export { type DropMetrics, dropMetrics } from "./metrics/dropMetrics";
export { normalizeDropAnswer } from "./metrics/normalizeDropAnswer";
export { demoPreset, type TrainingPreset } from "./presets/demoPreset";
export { paperPreset } from "./presets/paperPreset";
export { type DecodedSpan, type DecodeSpansOptions, decodeSpans } from "./reader/decodeSpans";
export {
  type EvaluateReaderOptions,
  evaluateReader,
  type ReaderEvaluation,
  type ReaderExample,
} from "./reader/evaluateReader";
export { loadReader } from "./reader/loadReader";
export type { Answer, AnswerSource, FunctionCall, Prediction } from "./reader/prediction";
export { type CreateReaderOptions, createReader, type Reader, type ReaderLimits } from "./reader/reader";
export type { TargetInputs } from "./reader/readerBatch";
export { DEFAULT_READER_CONFIG, type ReaderConfig } from "./reader/readerConfig";
export { type ReaderLoss, type ReaderLossOptions, readerLoss } from "./reader/readerLoss";
export { type ReaderInputs, ReaderModel } from "./reader/readerModel";
export { createReaderStep, type ReaderStep, STEP_METRICS } from "./reader/readerStep";
export { createTrainingBatch, type TrainingBatch } from "./reader/trainingBatch";
export {
  type TrainReaderOptions,
  type TrainReaderProgress,
  type TrainReaderResult,
  trainReader,
} from "./reader/trainReader";
export {
  DigitTokenizer,
  type SpecialTokenIds,
  type TokenizedNumber,
  type TokenizedText,
} from "./tokenization/digitTokenizer";
export { findAnswerSpans } from "./tokenization/findAnswerSpans";
export type { SpecialTokenNames, TokenizerDescription, TokenizerJson } from "./tokenization/tokenizerJson";
