import type { TemperatureRange } from "@symgrad/gumbel";
import type { ReaderConfig } from "../reader/readerConfig";

/** A synthetic task and how a reader is trained on it from nothing. */
export interface TrainingPreset {
  type: "argmax" | "max" | "mix";
  transfer: boolean;
  people: number;
  digits: number;
  /** Training examples; the evaluation examples are those behind them. */
  examples: number;
  evaluationExamples: number;
  /** The encoder's shape; the rest is the library's default. */
  reader: Partial<ReaderConfig>;
  steps: number;
  batchSize: number;
  learningRate: number;
  argLoss: "mml" | "bce";
  temperature: number | TemperatureRange;
}

/**
 * What `symgrad demo` trains: learns on two cores in minutes, for nearly every seed. The paper's `bce`, because where the
 * answer stands in the passage no loss asks for the right pair, and `mml` lets the choice drift there.
 */
export const demoPreset: TrainingPreset = {
  type: "max",
  transfer: true,
  people: 4,
  digits: 3,
  examples: 20_000,
  evaluationExamples: 500,
  reader: {},
  steps: 400,
  batchSize: 64,
  learningRate: 3e-3,
  argLoss: "bce",
  temperature: 1,
};
