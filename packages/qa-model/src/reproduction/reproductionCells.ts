import type { SyntheticOptions, SyntheticWording } from "../data/syntheticOptions";
import type { ReaderConfig } from "../reader/readerConfig";

/** One cell of the paper's tables, on synthetic data: what is trained and what the paper found. */
export interface ReproductionCell {
  readonly table: "table1" | "table3" | "table4";
  /** Names the cell on the command line. */
  readonly name: string;
  readonly type: "argmax" | "max" | "mix";
  readonly transfer: boolean;
  /** "shared" asks both types alike but for the first word, which is not the paper's way. */
  readonly wording: SyntheticWording;
  /** `false`: the baseline that reads spans without a function. */
  readonly calculator: boolean;
  /** Probability that the person named first in the question wins, while training. Absent: a half. */
  readonly bias?: number;
  /** How much of the end loss's gradient reaches the choice: 0, it learns from labels alone. Absent: 1, the paper's way. */
  readonly choiceGradient?: number;
  /** "none": the end loss alone. Absent: the scale's argument loss. */
  readonly argLoss?: "none";
  /** Percent; absent for cells that the paper does not have. */
  readonly paper?: { readonly f1: number; readonly termAccuracy?: number };
}

type Fields = Omit<ReproductionCell, "table" | "wording" | "calculator"> & Partial<ReproductionCell>;

const table3 = (fields: Fields): ReproductionCell => ({
  table: "table3",
  wording: "table2",
  calculator: true,
  ...fields,
});

/** Trained on numbers of several lengths, evaluated on longer ones, by argmax questions alone. */
const table4 = (fields: Omit<Fields, "transfer">): ReproductionCell => ({
  table: "table4",
  wording: "table2",
  calculator: true,
  transfer: true,
  ...fields,
});

/**
 * Table 1 says whether a model compares or guesses: its questions have a bias that training teaches, and are scored with that
 * bias and against it, which needs no hand to swap numbers.
 */
const table1 = (fields: Partial<ReproductionCell> & { name: string }): ReproductionCell => ({
  table: "table1",
  type: "mix",
  transfer: true,
  wording: "shared",
  calculator: true,
  bias: 0.95,
  ...fields,
});

/**
 * The cells on synthetic data, in the order in which they are worth training. Not the paper's are the
 * cells in the shared wording, which carries the calculator from max over to argmax from nothing; those whose choice learns
 * from labels alone; and table 1's, whose paper's form is about DROP.
 */
export const REPRODUCTION_CELLS: readonly ReproductionCell[] = [
  table3({ name: "max-transfer", type: "max", transfer: true, paper: { f1: 99.0, termAccuracy: 100 } }),
  table3({
    name: "mix-transfer-shared",
    type: "mix",
    transfer: true,
    wording: "shared",
    paper: { f1: 98.9, termAccuracy: 100 },
  }),
  table3({
    name: "mix-transfer-shared-labels",
    type: "mix",
    transfer: true,
    wording: "shared",
    choiceGradient: 0,
    paper: { f1: 98.9, termAccuracy: 100 },
  }),
  table3({ name: "mix-transfer", type: "mix", transfer: true, paper: { f1: 98.9, termAccuracy: 100 } }),
  table3({ name: "argmax-transfer", type: "argmax", transfer: true, paper: { f1: 92.2, termAccuracy: 2.3 } }),
  table3({ name: "max", type: "max", transfer: false, paper: { f1: 99.5, termAccuracy: 1.8 } }),
  table3({ name: "argmax", type: "argmax", transfer: false, paper: { f1: 98.1, termAccuracy: 0.6 } }),
  table3({ name: "mix", type: "mix", transfer: false, paper: { f1: 98.8, termAccuracy: 9.1 } }),
  table4({ name: "mix-shared", type: "mix", wording: "shared", paper: { f1: 78.5, termAccuracy: 99.8 } }),
  table4({
    name: "mix-shared-labels",
    type: "mix",
    wording: "shared",
    choiceGradient: 0,
    paper: { f1: 78.5, termAccuracy: 99.8 },
  }),
  table4({ name: "mix", type: "mix", paper: { f1: 78.5, termAccuracy: 99.8 } }),
  table4({ name: "argmax", type: "argmax", paper: { f1: 74.9, termAccuracy: 2.0 } }),
  table4({ name: "argmax-baseline", type: "argmax", calculator: false, paper: { f1: 72.0 } }),
  table1({ name: "swap" }),
  table1({ name: "swap-baseline", calculator: false }),
  table1({ name: "swap-labels", choiceGradient: 0 }),
  table1({ name: "swap-end-only", argLoss: "none" }),
];

/** How large a reproduction is. */
export interface ReproductionScale {
  readonly name: "small" | "paper";
  readonly people: number;
  /** Of every number of table 3's examples. */
  readonly digits: number;
  /** Table 4: lengths of the training numbers, and of the evaluation's. */
  readonly generalization: { readonly maxDigits: number; readonly digits: number };
  readonly examples: number;
  readonly evaluationExamples: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly argLoss: "mml" | "bce";
  /** The encoder's shape where it starts from nothing; the rest is the library's default. */
  readonly reader: Partial<ReaderConfig>;
  /** How many seeds, from 0. */
  readonly seeds: number;
  /** Whether the encoder is a pretrained one; otherwise one from nothing. */
  readonly pretrained: boolean;
}

export const REPRODUCTION_SCALES: Readonly<Record<ReproductionScale["name"], ReproductionScale>> = {
  /** What two cores learn from nothing. */
  small: {
    name: "small",
    people: 4,
    digits: 3,
    generalization: { maxDigits: 3, digits: 4 },
    examples: 20_000,
    evaluationExamples: 2_000,
    steps: 2_500,
    batchSize: 64,
    learningRate: 3e-3,
    argLoss: "bce",
    reader: {},
    seeds: 3,
    pretrained: false,
  },
  /** The paper's size, in five epochs. */
  paper: {
    name: "paper",
    people: 10,
    digits: 7,
    generalization: { maxDigits: 6, digits: 7 },
    examples: 20_000,
    evaluationExamples: 2_000,
    steps: 6_250,
    batchSize: 16,
    learningRate: 1e-4,
    argLoss: "bce",
    reader: {},
    seeds: 1,
    pretrained: true,
  },
};

/** Streams of examples without a seed. */
export interface CellData {
  training: Omit<SyntheticOptions, "seed">;
  evaluation: Omit<SyntheticOptions, "seed">;
  /** The same questions with the other bias: absent where there is none. */
  swapped?: Omit<SyntheticOptions, "seed">;
}

/** What the cell's reader is trained and scored on. */
export function cellData(cell: ReproductionCell, scale: ReproductionScale): CellData {
  const { type, transfer, wording, bias } = cell;
  const { people, digits, generalization } = scale;
  const asked = { type, transfer, wording, people };
  if (bias !== undefined) {
    const biased = { ...asked, digits, bias };
    // 1 - 0.95 is not 0.05 in floating point.
    return { training: biased, evaluation: biased, swapped: { ...biased, bias: (100 - 100 * bias) / 100 } };
  }
  if (cell.table === "table3") return { training: { ...asked, digits }, evaluation: { ...asked, digits } };
  return {
    training: { ...asked, maxDigits: generalization.maxDigits },
    evaluation: { ...asked, type: "argmax", digits: generalization.digits },
  };
}
