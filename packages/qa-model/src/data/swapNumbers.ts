import { dropMetrics } from "../metrics/dropMetrics";
import { readComparison } from "./comparison";
import { type DropQuestion, dropGolds } from "./readDrop";

/** A comparison question with its passage as it is, and with the two compared numbers in each other's place. */
export interface SwappedQuestion {
  id: string;
  question: string;
  orig_passage: string;
  orig_answer: string;
  other_passage: string;
  other_answer: string;
  /** Each candidate's number in the passage as it is. */
  values: Record<string, string>;
}

/**
 * Tests whether a reader compares: for each comparison question the two numbers change places in the passage, so that
 * the other candidate is right. Questions are left out unless both numbers are found and explain the gold answer.
 * Automatic form of the paper's table 1, "Other".
 *
 * @param questions Of any file in DROP's form, as `readDrop` gives them.
 * @see The calculator-reader paper, table 1.
 */
export function swapComparedNumbers(questions: readonly DropQuestion[]): SwappedQuestion[] {
  return questions.flatMap((one) => {
    const { id, passage, question } = one;
    const comparison = readComparison(passage, question);
    if (!comparison) return [];
    const { candidates, quantities, answer } = comparison;
    const right = candidates[answer];
    const explained = dropGolds(one).some(
      ({ texts }) => texts.length === 1 && dropMetrics(right, texts).exactMatch === 1,
    );
    if (!explained || dropMetrics(candidates[0], candidates[1]).exactMatch === 1) return [];
    const [first, second] = [...quantities].sort((a, b) => a.start - b.start) as typeof quantities;
    const written = ({ start, end }: { start: number; end: number }) => passage.slice(start, end);
    return [
      {
        id,
        question,
        orig_passage: passage,
        orig_answer: right,
        other_passage:
          passage.slice(0, first.start) +
          written(second) +
          passage.slice(first.end, second.start) +
          written(first) +
          passage.slice(second.end),
        other_answer: candidates[1 - answer]!,
        values: { [candidates[0]]: quantities[0].value, [candidates[1]]: quantities[1].value },
      },
    ];
  });
}
