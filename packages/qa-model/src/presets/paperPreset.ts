import { demoPreset, type TrainingPreset } from "./demoPreset";

/** The paper's size: 10 people, 7 digits, 20,000 and 2,000 examples. */
export const paperPreset: TrainingPreset = {
  ...demoPreset,
  people: 10,
  digits: 7,
  evaluationExamples: 2_000,
  steps: 6_000,
};
