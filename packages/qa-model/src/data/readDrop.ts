import type { SymgradError } from "@symgrad/core";
import { z } from "zod";
import { checkJson, jsonError, parseJson } from "../internal/readJsonFile";
import { readTextFile } from "../internal/readTextFile";
import { pythonSplit } from "../metrics/pythonFloat";

/** One annotator's answer as DROP writes it: a number, or spans, or a date; what is not used is empty. */
export interface DropAnswer {
  number: string;
  spans: string[];
  date: { day: string; month: string; year: string };
}

/** A question of a DROP file with its passage. */
export interface DropQuestion {
  id: string;
  passageId: string;
  passage: string;
  question: string;
  /** Absent where the file has none, as in a test set. */
  answer?: DropAnswer;
  /** What other annotators answered. */
  validatedAnswers: DropAnswer[];
}

/** The kinds of answer that the official report tells apart. */
export type DropAnswerType = "number" | "span" | "spans" | "date";

export interface ReadAnswersOptions {
  /** "optional" accepts questions without an answer, as for predictions. Default "required". */
  answers?: "required" | "optional" | undefined;
}

const text = z.string();
// A number in JSON is read as the evaluator does, as its text.
const written = z.union([text, z.number().transform(String)]).default("");
const answerSchema = z.object({
  number: written,
  spans: z.array(text).default([]),
  date: z.object({ day: written, month: written, year: written }).default({ day: "", month: "", year: "" }),
});
const passageSchema = z.object({
  passage: text,
  qa_pairs: z.array(
    z.object({
      query_id: text,
      question: text.default(""),
      answer: answerSchema.nullish(),
      validated_answers: z.array(answerSchema).nullish(),
    }),
  ),
});
const fileSchema = z.record(text, passageSchema);

const HINT =
  "wanted is DROP's own form: { passageId: { passage, qa_pairs: [{ query_id, question, answer }] } }";

/**
 * Reads a file in DROP's JSON form, as DROP and Quoref are published (also ".gz"): a flat list of questions.
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT`, naming the file and the path inside the JSON, what was
 *   expected and what was found.
 * @see Dua et al. 2019, arXiv:1903.00161.
 */
export async function readDrop(path: string, options: ReadAnswersOptions = {}): Promise<DropQuestion[]> {
  return parseDrop(parseJson(await readTextFile(path), path), path, options);
}

/** As {@link readDrop}, for JSON that was read already; `file` names it in errors. */
export function parseDrop(document: unknown, file: string, options: ReadAnswersOptions = {}): DropQuestion[] {
  const passages = checkJson(document, fileSchema, file, HINT);
  const fail = (passage: string, index: number): SymgradError =>
    jsonError(
      file,
      [passage, "qa_pairs", index, "answer"],
      "a number, spans or a date that is not blank",
      document,
      "give the question an answer, or read the file without answers",
    );
  return Object.entries(passages).flatMap(([passageId, { passage, qa_pairs: pairs }]) =>
    pairs.map(({ query_id: id, question, answer, validated_answers: validated }, i) => {
      const found: DropQuestion = {
        id,
        passageId,
        passage,
        question,
        ...(answer ? { answer } : {}),
        validatedAnswers: validated ?? [],
      };
      if (options.answers !== "optional" && dropGolds(found).length === 0) throw fail(passageId, i);
      return found;
    }),
  );
}

/**
 * An answer as the texts that the metric compares, with its kind: a number, else spans, else the date's three fields.
 *
 * @see `answer_json_to_strings` in allennlp_rc/eval/drop_eval.py.
 */
export function dropAnswerTexts({ number, spans, date }: DropAnswer): {
  texts: string[];
  type: DropAnswerType;
} {
  if (number !== "") return { texts: [number], type: "number" };
  if (spans.length > 0) return { texts: spans, type: spans.length === 1 ? "span" : "spans" };
  return { texts: [`${date.day} ${date.month} ${date.year}`], type: "date" };
}

/** The answers of all annotators that count, the question's own first; an answer whose first text is blank does not. */
export function dropGolds({ answer, validatedAnswers }: DropQuestion): {
  texts: string[];
  type: DropAnswerType;
}[] {
  return [...(answer ? [answer] : []), ...validatedAnswers]
    .map(dropAnswerTexts)
    .filter(({ texts }) => pythonSplit(texts[0]!).length > 0);
}
