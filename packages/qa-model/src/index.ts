export { type ArgumentLoss, binaryCrossEntropyLoss, marginalLikelihoodLoss } from "@symgrad/symbolic-plugins";
export { type ResolveCheckpointOptions, resolveCheckpoint } from "./checkpoint/hub";
export { type EncoderCheckpoint, loadEncoder } from "./checkpoint/loadEncoder";
export { answerAsNumber, isSameNumber } from "./data/answerAsNumber";
export { dropExamples, squadExamples, tatQaExamples } from "./data/datasetExamples";
export { formatSyntheticLine } from "./data/formatSyntheticLine";
export {
  type GenerateSyntheticOptions,
  generateSynthetic,
  type SyntheticExample,
  syntheticExample,
} from "./data/generateSynthetic";
export type { QaExample, QaQuestion } from "./data/parseExample";
export {
  type DropAnswer,
  type DropAnswerType,
  type DropQuestion,
  dropAnswerTexts,
  dropGolds,
  type ReadAnswersOptions,
  readDrop,
} from "./data/readDrop";
export { type ReadExamplesOptions, readExamples, streamExamples } from "./data/readExamples";
export { readQuoref } from "./data/readQuoref";
export { readSquad, type SquadAnswer, type SquadData, type SquadQuestion } from "./data/readSquad";
export { readTatQa, type TatQaQuestion, tableText } from "./data/readTatQa";
export { type SubtractionQuestion, selectSubtractionQuestions } from "./data/selectSubtraction";
export { type SwappedQuestion, swapComparedNumbers } from "./data/swapNumbers";
export type { SyntheticOptions, SyntheticType, SyntheticWording } from "./data/syntheticOptions";
export { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS } from "./data/syntheticWords";
export { SequenceEncoder, type SequenceEncoderOptions } from "./encoder/sequenceEncoder";
export {
  type AnalyzeReaderOptions,
  analyzeReader,
  type GroupScores,
  type ReaderAnalysis,
  type SwapPair,
} from "./explain/analyzeReader";
export {
  type ExplainedToken,
  Explainer,
  type ExplainOptions,
  type Explanation,
  explainPrediction,
} from "./explain/explainer";
export { type IntegratedGradientsOptions, integratedGradients } from "./explain/integratedGradients";
export type { ExportedReader } from "./export/exportedReader";
export { exportReader, type ReaderExport } from "./export/exportReader";
export { type LoadExportedReaderOptions, loadExportedReader } from "./export/loadExportedReader";
export type { OnnxRuntime, OnnxRuntimeOptions } from "./export/onnxRuntime";
export { type AnswerLogits, answerLoss, type HeadLogits, type HeadTargets } from "./losses/answerLoss";
export { ARGUMENT_LOSSES, type ArgumentLossName } from "./losses/argumentLosses";
export { type EndLossResult, endLoss, type SpanLists } from "./losses/endLoss";
export { multiSpanLogLikelihood, SPAN_TAGS, type SpanOccurrences } from "./losses/multiSpanLikelihood";
export { type DropMetrics, dropMetrics } from "./metrics/dropMetrics";
export { evaluateDrop, type Predictions } from "./metrics/evaluateDrop";
export { type EvaluateSquadOptions, evaluateSquad } from "./metrics/evaluateSquad";
export { normalizeDropAnswer } from "./metrics/normalizeDropAnswer";
export { normalizeSquadAnswer } from "./metrics/normalizeSquadAnswer";
export { readPredictions, readProbabilities, readTextPredictions } from "./metrics/readPredictions";
export type { MeanScores, ScoreReport } from "./metrics/scoreReport";
export { type SquadMetrics, squadMetrics } from "./metrics/squadMetrics";
export { demoPreset, type TrainingPreset } from "./presets/demoPreset";
export { paperPreset } from "./presets/paperPreset";
export {
  type PretrainEncoderOptions,
  type PretrainEncoderResult,
  type PretrainingProgress,
  type PretrainingScores,
  pretrainEncoder,
} from "./pretraining/pretrainEncoder";
export { ANSWER_HEADS, type AnswerHead, answerHeads } from "./reader/answerHeads";
export type { BestReader } from "./reader/bestReader";
export { codePointOffset } from "./reader/codePointOffset";
export { type CreatePretrainedReaderOptions, createPretrainedReader } from "./reader/createPretrainedReader";
export { type DecodedSpan, type DecodeSpansOptions, decodeSpans } from "./reader/decodeSpans";
export { type DecodeTagsOptions, decodeTags, type TaggedSpan } from "./reader/decodeTags";
export {
  type EvaluateReaderOptions,
  evaluateReader,
  type PredictionScores,
  type ReaderEvaluation,
  type ReaderExample,
  scorePredictions,
} from "./reader/evaluateReader";
export { loadReader } from "./reader/loadReader";
export {
  type Answer,
  type AnswerPart,
  type AnswerSource,
  type FunctionCall,
  type Prediction,
  predictedAnswer,
} from "./reader/prediction";
export { type CreateReaderOptions, createReader, type Reader, type ReaderLimits } from "./reader/reader";
export type { TargetInputs } from "./reader/readerBatch";
export { DEFAULT_READER_CONFIG, type ReaderConfig } from "./reader/readerConfig";
export { type ReaderLoss, type ReaderLossOptions, readerLoss } from "./reader/readerLoss";
export { type ReaderInputs, ReaderModel } from "./reader/readerModel";
export {
  type AccumulatingStep,
  createAccumulatingStep,
  createReaderStep,
  type ReaderStep,
  type ReaderStepOptions,
  STEP_METRICS,
} from "./reader/readerStep";
export type { TrainedPart } from "./reader/trainedParameters";
export { createTrainingBatch, type TrainingBatch } from "./reader/trainingBatch";
export type { TrainingSettings } from "./reader/trainingSettings";
export type { GoldSpans, TrainedWindows } from "./reader/trainingWindows";
export {
  type TrainReaderOptions,
  type TrainReaderProgress,
  type TrainReaderResult,
  trainReader,
} from "./reader/trainReader";
export { givenAnswer, noAnswerProbability, tuneNoAnswer, withNoAnswerThreshold } from "./reader/tuneNoAnswer";
export { type RunReport, renderExplanation, renderReport } from "./report/renderReport";
export {
  type ReproduceCellOptions,
  type ReproductionResult,
  reproduceCell,
} from "./reproduction/reproduceCell";
export {
  DROP_CELLS,
  type DropCell,
  type DropResult,
  type ReproduceDropCellOptions,
  readDropResult,
  reproduceDropCell,
} from "./reproduction/reproduceDropCell";
export {
  REPRODUCTION_CELLS,
  REPRODUCTION_SCALES,
  type ReproductionCell,
  type ReproductionScale,
} from "./reproduction/reproductionCells";
export {
  cellFolder,
  type ReproductionRow,
  reproductionTable,
  selectCells,
} from "./reproduction/reproductionTable";
export { buildVocabulary } from "./tokenization/buildVocabulary";
export {
  DigitTokenizer,
  type DigitTokenizerOptions,
  type SpecialTokenIds,
  type TokenizedNumber,
  type TokenizedText,
} from "./tokenization/digitTokenizer";
export { findAnswerSpans } from "./tokenization/findAnswerSpans";
export { type FoundDate, findDates } from "./tokenization/findDates";
export { type FoundNumber, findNumbers } from "./tokenization/findNumbers";
export { type FoundQuantity, findQuantities } from "./tokenization/findQuantities";
export { type FoundTime, findTimes } from "./tokenization/findTimes";
export type { TransformersTokenizer } from "./tokenization/readTokenizerFolder";
export type { SpecialTokenNames, TokenizerDescription, TokenizerJson } from "./tokenization/tokenizerJson";
