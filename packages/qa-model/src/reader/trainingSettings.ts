import { SymgradError } from "@symgrad/core";
import type { TemperatureRange } from "@symgrad/gumbel";
import { ARGUMENT_LOSSES, type ArgumentLossName } from "../losses/argumentLosses";
import { answerHeads } from "./answerHeads";
import type { ReaderLimits } from "./reader";
import type { ReaderConfig } from "./readerConfig";
import { TRAINED_PARTS, type TrainedPart } from "./trainedParameters";
import { fingerprint } from "./trainingData";
import { GOLD_SPANS, type GoldSpans, TRAINED_WINDOWS, type TrainedWindows } from "./trainingWindows";
import type { TrainReaderOptions } from "./trainReader";

/** Every option of a training with its default filled in, as the run's `config.json` has it. */
export interface TrainingSettings {
  /** Where the encoder came from; absent for one from nothing. */
  encoder?: string;
  /** The reader that training went on from. */
  from?: string;
  function: string | readonly string[];
  calculator: boolean;
  train: TrainedPart;
  /** Absent where all layers learn. */
  freezeLayers?: number;
  argLoss: ArgumentLossName;
  choiceGradient: number;
  marginal: number;
  steps: number;
  batchSize: number;
  accumulate: number;
  buckets: number;
  learningRate: number;
  headLearningRate: number;
  warmup: number;
  weightDecay: number;
  clip: number;
  temperature: number | TemperatureRange | "schedule";
  /** Absent where all windows of long passages are trained on. */
  windows?: TrainedWindows;
  /** Absent where marked spans count. */
  goldSpans?: GoldSpans;
  /** Those that were given. */
  limits?: Partial<ReaderLimits>;
  seed: number;
  examples: number;
  /** SHA-256 of passages, questions and answers: a resumed run must see the same data. */
  data: string;
}

/** @param from The configuration of the reader that training goes on from. @throws SymgradError `E_USAGE`, `E_NAME`, `E_RANGE`. */
export function resolveSettings(options: TrainReaderOptions, from?: ReaderConfig): TrainingSettings {
  const { encoder, freezeLayers, windows = "all", goldSpans = "marked", limits = {} } = options;
  const steps = options.steps ?? 1000;
  const learningRate = options.learningRate ?? (encoder === undefined ? 3e-3 : 1e-4);
  const settings: TrainingSettings = {
    ...(encoder === undefined ? {} : { encoder }),
    ...(options.from === undefined ? {} : { from: options.from }),
    function: oneOrSeveral(options.function ?? from?.function ?? "symgrad.calculator.v1"),
    calculator: options.calculator ?? from?.calculator ?? true,
    train: options.train ?? "all",
    ...(freezeLayers === undefined ? {} : { freezeLayers }),
    argLoss: options.argLoss ?? "mml",
    choiceGradient: options.choiceGradient ?? 1,
    marginal: options.marginal ?? 0,
    steps,
    batchSize: options.batchSize ?? 64,
    accumulate: options.accumulate ?? 1,
    buckets: options.buckets ?? 1,
    learningRate,
    headLearningRate: options.headLearningRate ?? learningRate,
    warmup: options.warmup ?? Math.min(100, Math.floor(steps / 10)),
    weightDecay: options.weightDecay ?? 0.01,
    clip: options.clip ?? 1,
    temperature: typeof options.temperature === "function" ? "schedule" : (options.temperature ?? 1),
    ...(windows === "all" ? {} : { windows }),
    ...(goldSpans === "marked" ? {} : { goldSpans }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    seed: options.seed ?? 0,
    examples: options.data.length,
    data: fingerprint(options.data, answerHeads(from ?? { ...options.config, ...given(options.heads) })),
  };
  assertSettings(settings);
  assertCombination(options, settings, from);
  return settings;
}

const given = (heads: TrainReaderOptions["heads"]) => (heads ? { heads } : {});

/** A list of one name as that name: a reader of one function is written the same, however it was asked for. */
function oneOrSeveral(names: string | readonly string[]): string | readonly string[] {
  return Array.isArray(names) && names.length === 1 ? (names[0] as string) : names;
}

function assertSettings(settings: TrainingSettings): void {
  const refuse = (name: keyof TrainingSettings, wanted: string) => {
    throw new SymgradError("E_RANGE", `trainReader: \`${name}\` must be ${wanted}, got ${settings[name]}.`);
  };
  if (settings.examples === 0) {
    throw new SymgradError("E_USAGE", "trainReader: there is no example to train on.");
  }
  for (const [name, known] of [
    ["argLoss", Object.keys(ARGUMENT_LOSSES)],
    ["train", TRAINED_PARTS],
    ["windows", TRAINED_WINDOWS],
    ["goldSpans", GOLD_SPANS],
  ] as const) {
    if (settings[name] === undefined || known.includes(settings[name])) continue;
    throw new SymgradError(
      "E_NAME",
      `trainReader: \`${name}\` must be one of ${known.join(", ")}, got "${settings[name]}".`,
    );
  }
  for (const name of ["steps", "batchSize", "accumulate", "buckets"] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1) refuse(name, "a whole number above 0");
  }
  for (const [name, least] of [
    ["answerTokens", 1],
    ["windowTokens", 1],
    ["quantities", 1],
    ["alternatives", 0],
    ["overlap", 0],
  ] as const) {
    const limit = settings.limits?.[name] ?? least;
    if (Number.isInteger(limit) && limit >= least) continue;
    throw new SymgradError(
      "E_RANGE",
      `trainReader: \`limits.${name}\` must be a whole number, ${least} or more, got ${limit}.`,
    );
  }
  const threshold = settings.limits?.noAnswerThreshold ?? 0;
  if (!Number.isFinite(threshold)) {
    throw new SymgradError(
      "E_RANGE",
      `trainReader: \`limits.noAnswerThreshold\` must be a number, got ${threshold}.`,
    );
  }
  for (const name of ["marginal", "freezeLayers"] as const) {
    const count = settings[name] ?? 0;
    if (!Number.isInteger(count) || count < 0) refuse(name, "a whole number, 0 or more");
  }
  for (const name of ["learningRate", "headLearningRate", "clip"] as const) {
    if (!(settings[name] > 0)) refuse(name, "above 0");
  }
  if (!(settings.choiceGradient >= 0 && settings.choiceGradient <= 1)) {
    refuse("choiceGradient", "a number from 0 to 1");
  }
}

function assertCombination(
  options: TrainReaderOptions,
  settings: TrainingSettings,
  from: ReaderConfig | undefined,
): void {
  const refuse = (sentence: string) => {
    throw new SymgradError("E_USAGE", `trainReader: ${sentence}`);
  };
  if (options.encoder !== undefined && options.tokenizer) {
    refuse("`encoder` brings its own tokenizer; leave `tokenizer` out.");
  }
  if (from) {
    for (const name of ["encoder", "tokenizer", "config", "heads"] as const) {
      const given = options[name];
      if (given !== undefined && !(name === "config" && Object.keys(given).length === 0)) {
        refuse(`\`from\` brings its own \`${name}\`; leave it out.`);
      }
    }
    if (settings.calculator !== from.calculator || String(settings.function) !== String(from.function)) {
      refuse("the reader that `from` names has another function, or none.");
    }
  }
  const { calculator, train, argLoss, marginal } = settings;
  if (train === "terms" && (!calculator || argLoss === "none")) {
    refuse('`train: "terms"` learns from the argument loss alone: it needs a calculator and an `argLoss`.');
  }
  if (marginal > 0 && !calculator)
    refuse("`marginal` sums over the function's results, and there is no function.");
  if (marginal > 0 && Array.isArray(settings.function))
    refuse("`marginal` sums over the results of one function, and the reader calls several.");
}
