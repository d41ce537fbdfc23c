import { SymgradError } from "@symgrad/core";
import type { PretrainEncoderOptions } from "./pretrainEncoder";

/** Every option of a pretraining with its default filled in, as the run's `config.json` has it. */
export interface PretrainingSettings {
  tokenizer?: string;
  from?: string;
  maximumTokens: number;
  maskShare: number;
  wholeWords: boolean;
  nextSentence: boolean;
  steps: number;
  batchSize: number;
  learningRate: number;
  warmup: number;
  weightDecay: number;
  clip: number;
  seed: number;
}

/** @throws SymgradError `E_RANGE` for an option out of range, `E_USAGE` for options that exclude each other. */
export function resolveSettings(options: PretrainEncoderOptions): PretrainingSettings {
  const { tokenizer, encoder } = options;
  const steps = options.steps ?? 10_000;
  const settings: PretrainingSettings = {
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(encoder === undefined ? {} : { from: encoder }),
    maximumTokens: options.maximumTokens ?? 128,
    maskShare: options.maskShare ?? 0.15,
    wholeWords: options.wholeWords ?? false,
    nextSentence: options.nextSentence ?? true,
    steps,
    batchSize: options.batchSize ?? 32,
    learningRate: options.learningRate ?? (encoder === undefined ? 5e-4 : 5e-5),
    warmup: options.warmup ?? Math.floor(steps / 10),
    weightDecay: options.weightDecay ?? 0.01,
    clip: options.clip ?? 1,
    seed: options.seed ?? 0,
  };
  const refuse = (name: string, wanted: string, got: unknown) => {
    throw new SymgradError("E_RANGE", `pretrainEncoder: \`${name}\` must be ${wanted}, got ${got}.`);
  };
  for (const [name, least] of [
    ["steps", 1],
    ["batchSize", 1],
    ["maximumTokens", 8],
  ] as const) {
    const value = settings[name];
    if (!Number.isInteger(value) || value < least) refuse(name, `a whole number of at least ${least}`, value);
  }
  const { maskShare } = settings;
  if (!(maskShare > 0 && maskShare < 1)) refuse("maskShare", "between 0 and 1", maskShare);
  for (const name of ["learningRate", "clip"] as const) {
    if (!(settings[name] > 0)) refuse(name, "above 0", settings[name]);
  }
  if (encoder !== undefined && tokenizer !== undefined) {
    throw new SymgradError("E_USAGE", "pretrainEncoder: `encoder` brings its own tokenizer.");
  }
  return settings;
}
