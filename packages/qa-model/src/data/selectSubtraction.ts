import { dropMetrics } from "../metrics/dropMetrics";
import { type FoundQuantity, findQuantities } from "../tokenization/findQuantities";
import { readComparison, scaleDecimals } from "./comparison";
import { type DropQuestion, dropGolds } from "./readDrop";

/** A question whose answer one difference of two numbers explains. */
export interface SubtractionQuestion {
  question: DropQuestion;
  /**
   * "comparison": which of two things has the larger (smaller) number, the sign of a difference; "difference": the
   * difference of two numbers of the passage; "complement": what a percentage of the passage leaves of 100.
   */
  kind: "comparison" | "difference" | "complement";
  /** The numbers subtracted, as exact decimals; of a complement the first is "100". Other pairs may explain it as well. */
  numbers: [string, string];
}

const ASKS_COMPLEMENT = /\b(?:not|non|aren't|isn't|weren't|wasn't|don't|didn't|doesn't)\b|n't\b/i;
const ASKS_DIFFERENCE =
  /\bhow (?:many|much|long)\b.*\b(?:more|fewer|less|longer|shorter|larger|smaller|higher|lower|older|younger|between|than|after|before|from|apart|later|earlier|difference|until|left|remain\w*)\b|\bdifference\b/i;

/**
 * Selects the questions that one subtraction of two numbers answers: those the paper's table 1 is about. A number found
 * by chance explains many answers, so that the question's words must ask for a difference, a complement or a comparison.
 *
 * @param questions Of any file in DROP's form, as `readDrop` gives them.
 * @see The calculator-reader paper, section 5.2 and table 1.
 */
export function selectSubtractionQuestions(questions: readonly DropQuestion[]): SubtractionQuestion[] {
  let passage: string | undefined;
  let quantities: FoundQuantity[] = [];
  return questions.flatMap((question): SubtractionQuestion[] => {
    if (question.passage !== passage) {
      passage = question.passage;
      quantities = findQuantities(passage);
    }
    const comparison = explainComparison(question);
    if (comparison) return [{ question, kind: "comparison", numbers: comparison }];
    const gold = dropGolds(question).find(({ type }) => type === "number")?.texts[0];
    const wanted = gold === undefined ? undefined : findQuantities(gold)[0]?.value;
    // Any number less itself is 0: that explains nothing.
    if (wanted === undefined || wanted === "0") return [];
    if (ASKS_COMPLEMENT.test(question.question)) {
      const percents = quantities.filter(({ unit }) => unit === "percent").map(({ value }) => value);
      const part = percents.find((value) => isDifference("100", value, wanted));
      return part === undefined ? [] : [{ question, kind: "complement", numbers: ["100", part] }];
    }
    if (!ASKS_DIFFERENCE.test(question.question)) return [];
    const pair = explainDifference(quantities, wanted);
    return pair ? [{ question, kind: "difference", numbers: pair }] : [];
  });
}

function explainComparison(question: DropQuestion): [string, string] | undefined {
  const comparison = readComparison(question.passage, question.question);
  if (!comparison) return undefined;
  const right = comparison.candidates[comparison.answer];
  const explained = dropGolds(question).some(
    ({ texts }) => texts.length === 1 && dropMetrics(right, texts).exactMatch === 1,
  );
  const [a, b] = comparison.quantities;
  return explained ? [a.value, b.value] : undefined;
}

/** The first two numbers, of one unit where there are such, whose difference is wanted; the larger comes first. */
function explainDifference(
  quantities: readonly FoundQuantity[],
  wanted: string,
): [string, string] | undefined {
  let other: [string, string] | undefined;
  for (const [i, a] of quantities.entries()) {
    for (const b of quantities.slice(i + 1)) {
      const pair: [string, string] | undefined = isDifference(a.value, b.value, wanted)
        ? [a.value, b.value]
        : isDifference(b.value, a.value, wanted)
          ? [b.value, a.value]
          : undefined;
      if (!pair) continue;
      if (a.unit === b.unit) return pair;
      other ??= pair;
    }
  }
  return other;
}

function isDifference(a: string, b: string, wanted: string): boolean {
  const [first, second, third] = scaleDecimals([a, b, wanted]) as [bigint, bigint, bigint];
  return first - second === third;
}
