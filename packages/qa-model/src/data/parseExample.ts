import { SymgradError } from "@symgrad/core";
import { describeJson } from "../internal/describeJson";

/** A question about a text. */
export interface QaQuestion {
  id: string | number;
  passage: string;
  question: string;
  /** The answer to learn; absent where nobody knows it. */
  answer?: string;
  /** All texts that are right, `answer` first. */
  answers?: readonly string[];
  /** What annotators gave, each one or more spans, where an answer may have several; the metric compares these. */
  golds?: readonly (readonly string[])[];
  /** Where annotators marked the answer in the passage: start and end of each mark in UTF-16 units. */
  spans?: readonly (readonly [start: number, end: number])[];
  /** Nothing in the passage answers the question: `answer` is "". */
  impossible?: boolean;
  /** The two numbers to combine, as positions among the passage's numbers. For evaluation only. */
  gold_pair?: readonly [number, number] | null;
  /** The values of the right arguments of each function that is called, in order. For evaluation only. */
  gold_arguments?: readonly (readonly string[])[];
  /** The passage's numbers in order of occurrence. */
  numbers?: readonly number[];
  /** Pairs of positions in `numbers` that give the answer. */
  arg_labels?: readonly (readonly [number, number])[];
  /** Where a synthetic example comes from, and what it asks. */
  setting?: string;
  type?: string;
  transfer?: boolean;
}

/** A question with its answer. */
export interface QaExample extends QaQuestion {
  answer: string;
  answers: readonly string[];
}

/**
 * Checks one parsed line. Unknown fields are left out; `answer` and `answers` are made from each other; with
 * `"impossible": true` nothing in the passage is the answer.
 *
 * @throws SymgradError `E_FORMAT` that names `where`, the field, what was expected and what was found.
 */
export function parseExample(value: unknown, where: string, needsAnswer: boolean): QaQuestion {
  if (!isRecord(value)) {
    throw new SymgradError("E_FORMAT", `expected a JSON object, found ${describeJson(value)}.`, { where });
  }
  const expect = (field: string, wanted: string): never => {
    const found = value[field] === undefined ? "no such field" : describeJson(value[field]);
    throw new SymgradError("E_FORMAT", `expected \`${field}\` to be ${wanted}, found ${found}.`, {
      where,
      hint: 'a line looks like {"id": 1, "passage": "...", "question": "...", "answer": "..."}',
    });
  };
  const { id, passage, question } = value;
  if (typeof id !== "string" && !Number.isFinite(id)) return expect("id", "text or a number");
  if (typeof passage !== "string") return expect("passage", "text");
  if (typeof question !== "string") return expect("question", "text");
  const example: QaQuestion = { id: id as string | number, passage, question };

  const { answer, answers, impossible } = value;
  if (isGiven(impossible) && typeof impossible !== "boolean") return expect("impossible", "true or false");
  if (impossible) {
    if (typeof answer === "string" && answer !== "")
      return expect("answer", "left out, since `impossible` is true");
    return { ...example, answer: "", answers: [""], impossible: true };
  }
  if (answer !== undefined && answer !== null) {
    if (typeof answer !== "string" || answer.trim() === "") return expect("answer", "text that is not empty");
    example.answer = answer;
    example.answers = [answer];
  }
  if (answers !== undefined && answers !== null) {
    const isText = (item: unknown): item is string => typeof item === "string" && item.trim() !== "";
    if (!Array.isArray(answers) || answers.length === 0 || !answers.every(isText)) {
      return expect("answers", "a list of one or more texts that are not empty");
    }
    example.answer ??= answers[0]!;
    example.answers = [...new Set([example.answer, ...answers])];
  }
  if (needsAnswer && example.answer === undefined) return expect("answer", "text that is not empty");

  const { golds } = value;
  if (isGiven(golds)) {
    const isList = (one: unknown): one is string[] =>
      Array.isArray(one) &&
      one.length > 0 &&
      one.every((text) => typeof text === "string" && text.trim() !== "");
    if (!Array.isArray(golds) || golds.length === 0 || !golds.every(isList)) {
      return expect("golds", "a list with a list of one or more texts for each annotator");
    }
    example.golds = golds;
  }
  const { gold_arguments: goldArguments } = value;
  if (isGiven(goldArguments)) {
    const isTuple = (one: unknown): one is string[] =>
      Array.isArray(one) && one.every((item) => typeof item === "string");
    if (!Array.isArray(goldArguments) || !goldArguments.every(isTuple)) {
      return expect("gold_arguments", "a list with a list of texts for each function");
    }
    example.gold_arguments = goldArguments;
  }
  const { numbers, gold_pair: goldPair, arg_labels: labels, spans, setting, type, transfer } = value;
  if (isGiven(spans)) {
    const isSpan = (span: unknown) => isPair(span, passage.length + 1) && span[0] < span[1];
    if (!Array.isArray(spans) || !spans.every(isSpan)) {
      return expect("spans", `a list of [start, end] within the passage's ${passage.length} UTF-16 units`);
    }
    example.spans = spans;
  }
  if (isGiven(numbers)) {
    if (!Array.isArray(numbers) || !numbers.every(Number.isFinite))
      return expect("numbers", "a list of numbers");
    example.numbers = numbers;
  }
  const within = example.numbers?.length ?? Number.MAX_SAFE_INTEGER;
  const pair = `a pair of two positions in \`numbers\`${example.numbers ? `, 0 to ${within - 1}` : ""}`;
  if (isGiven(goldPair)) {
    if (!isPair(goldPair, within)) return expect("gold_pair", pair);
    example.gold_pair = goldPair;
  }
  if (isGiven(labels)) {
    if (!Array.isArray(labels) || !labels.every((label) => isPair(label, within))) {
      return expect("arg_labels", `a list, each entry ${pair}`);
    }
    example.arg_labels = labels;
  }
  if (isGiven(setting)) {
    if (typeof setting !== "string") return expect("setting", "text");
    example.setting = setting;
  }
  if (isGiven(type)) {
    if (typeof type !== "string") return expect("type", "text");
    example.type = type;
  }
  if (isGiven(transfer)) {
    if (typeof transfer !== "boolean") return expect("transfer", "true or false");
    example.transfer = transfer;
  }
  return example;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isPair(value: unknown, within: number): value is [number, number] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value[0] !== value[1] &&
    value.every((position) => Number.isInteger(position) && position >= 0 && position < within)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
