import { z } from "zod";
import { checkJson, parseJson } from "../internal/readJsonFile";
import { readTextFile } from "../internal/readTextFile";

/** A question of TAT-QA with the table and the paragraphs it is about. */
export interface TatQaQuestion {
  id: string;
  /** The paragraphs in their order, and before them the table, a line for each row; see {@link tableText}. */
  passage: string;
  table: string[][];
  paragraphs: string[];
  question: string;
  /** Several for a multi-span answer; numbers as their text. */
  answer: string[];
  answerType: "span" | "multi-span" | "arithmetic" | "count";
  answerFrom: "table" | "text" | "table-text";
  /** How an arithmetic answer is computed, "(44.1-56.7)/56.7"; empty where nothing is. */
  derivation: string;
  /** The unit of the answer's size. */
  scale: "" | "thousand" | "million" | "billion" | "percent";
}

const text = z.string();
const written = z.union([text, z.number().transform(String)]);
const fileSchema = z.array(
  z.object({
    table: z.object({ table: z.array(z.array(text)) }),
    paragraphs: z.array(z.object({ order: z.number(), text })),
    questions: z.array(
      z.object({
        uid: text,
        question: text,
        answer: z.union([z.array(written).nonempty(), written.transform((one) => [one])]),
        answer_type: z.enum(["span", "multi-span", "arithmetic", "count"]),
        answer_from: z.enum(["table", "text", "table-text"]),
        derivation: text.default(""),
        scale: z.enum(["", "thousand", "million", "billion", "percent"]),
      }),
    ),
  }),
);

const HINT = "wanted is TAT-QA's own form: [{ table, paragraphs, questions }]";

/**
 * Reads TAT-QA's questions about a table and the text around it (also ".gz").
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT`, naming the file and the path inside the JSON, what was
 *   expected and what was found.
 * @see Zhu et al. 2021, arXiv:2105.07624.
 */
export async function readTatQa(path: string): Promise<TatQaQuestion[]> {
  return parseTatQa(parseJson(await readTextFile(path), path), path);
}

/** As {@link readTatQa}, for JSON that was read already; `file` names it in errors. */
export function parseTatQa(document: unknown, file: string): TatQaQuestion[] {
  const documents = checkJson(document, fileSchema, file, HINT);
  return documents.flatMap(({ table: { table }, paragraphs, questions }) => {
    const ordered = [...paragraphs].sort((a, b) => a.order - b.order).map((paragraph) => paragraph.text);
    const passage = [tableText(table), ...ordered].join("\n");
    return questions.map((question) => ({
      id: question.uid,
      passage,
      table,
      paragraphs: ordered,
      question: question.question,
      answer: question.answer,
      answerType: question.answer_type,
      answerFrom: question.answer_from,
      derivation: question.derivation,
      scale: question.scale,
    }));
  });
}

/** A table as text that a reader can point into: a line for each row, cells apart by " | ". */
export function tableText(table: readonly (readonly string[])[]): string {
  return table.map((row) => row.join(" | ")).join("\n");
}
