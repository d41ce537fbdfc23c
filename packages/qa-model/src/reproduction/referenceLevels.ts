import type { SyntheticExample } from "../data/generateSynthetic";

/** What is reached without learning, on the scale 0 to 1: printed beside every result. */
export interface ReferenceLevels {
  /** Share answered right by comparing the amounts as they are written; absent without a transfer. */
  ignoringTransfer?: number;
  /** Share of questions for a name answered right by guessing one of the two; absent where none asks for a name. */
  guessingName?: number;
  /** Term accuracy of a pair of the passage's numbers drawn by chance. */
  randomPair: number;
}

/** Measures the reference levels of a set of examples. */
export function referenceLevels(examples: readonly SyntheticExample[]): ReferenceLevels {
  const share = (holds: (example: SyntheticExample) => boolean) =>
    examples.filter(holds).length / examples.length;
  const pairs = ({ numbers }: SyntheticExample) => (numbers.length * (numbers.length - 1)) / 2;
  return {
    ...(examples.some(({ transfer }) => transfer)
      ? { ignoringTransfer: share((example) => answerAsWritten(example) === example.answer) }
      : {}),
    ...(examples.some(({ type }) => type === "argmax") ? { guessingName: 1 / 2 } : {}),
    randomPair: examples.reduce((sum, example) => sum + 1 / pairs(example), 0) / examples.length,
  };
}

/** The answer if nothing had been given to anyone. */
function answerAsWritten({ type, people, asked, numbers }: SyntheticExample): string {
  const [a, b] = asked.map((name) => numbers[people.indexOf(name)]!) as [number, number];
  if (type === "argmax") return a > b ? asked[0] : asked[1];
  return Math.max(a, b).toLocaleString("en-US");
}
