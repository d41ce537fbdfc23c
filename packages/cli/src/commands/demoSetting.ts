import type { ReaderConfig } from "@symgrad/qa-model";

/** What `symgrad demo` trains and on what. */
export interface DemoSetting {
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
}

/** Learns on two cores in minutes, for nearly every seed. */
export const demoSetting: DemoSetting = {
  type: "max",
  transfer: true,
  people: 4,
  digits: 3,
  examples: 20_000,
  evaluationExamples: 500,
  reader: { max_position_embeddings: 128 },
  steps: 1_000,
  batchSize: 64,
  learningRate: 3e-3,
};

/** The paper's size: 10 people, 7 digits. */
export const fullSetting: DemoSetting = {
  ...demoSetting,
  people: 10,
  digits: 7,
  evaluationExamples: 2_000,
  reader: {},
  steps: 6_000,
};
