import { z } from "zod";
import { checkJson, jsonError, parseJson } from "../internal/readJsonFile";
import { readTextFile } from "../internal/readTextFile";
import type { ReadAnswersOptions } from "./readDrop";

/** A gold answer and the place it was marked at. */
export interface SquadAnswer {
  text: string;
  /**
   * UTF-16 offset of the answer in the passage. SQuAD counts code points, and where these lead elsewhere the nearest
   * occurrence counts; absent if the passage does not hold the text.
   */
  start?: number;
}

/** A question of a SQuAD file with its passage. */
export interface SquadQuestion {
  id: string;
  title: string;
  passage: string;
  question: string;
  /** None for a question that the passage does not answer. */
  answers: SquadAnswer[];
  /** SQuAD 2.0: the passage does not answer it. */
  impossible: boolean;
}

export interface SquadData {
  /** 2 where questions may have no answer, 1 otherwise. */
  version: 1 | 2;
  questions: SquadQuestion[];
}

const text = z.string();
const answerSchema = z.object({ text, answer_start: z.number().int() });
const fileSchema = z.object({
  version: z.union([text, z.number().transform(String)]).optional(),
  data: z.array(
    z.object({
      title: text.default(""),
      paragraphs: z.array(
        z.object({
          context: text,
          qas: z.array(
            z.object({
              id: text,
              question: text,
              answers: z.array(answerSchema).default([]),
              is_impossible: z.boolean().default(false),
            }),
          ),
        }),
      ),
    }),
  ),
});

const HINT =
  "wanted is SQuAD's own form: { data: [{ paragraphs: [{ context, qas: [{ id, question, answers }] }] }] }";

/**
 * Reads a SQuAD 1.1 or 2.0 file (also ".gz"). The version is the file's own, or 2 if a question is marked impossible.
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT`, naming the file and the path inside the JSON, what was
 *   expected and what was found; also for a question without answers that is not marked impossible.
 * @see Rajpurkar et al. 2016, arXiv:1606.05250; 2018, arXiv:1806.03822.
 */
export async function readSquad(path: string, options: ReadAnswersOptions = {}): Promise<SquadData> {
  return parseSquad(parseJson(await readTextFile(path), path), path, options);
}

/** As {@link readSquad}, for JSON that was read already; `file` names it in errors. */
export function parseSquad(document: unknown, file: string, options: ReadAnswersOptions = {}): SquadData {
  const { version, data } = checkJson(document, fileSchema, file, HINT);
  const questions: SquadQuestion[] = [];
  for (const [a, { title, paragraphs }] of data.entries()) {
    for (const [p, { context, qas }] of paragraphs.entries()) {
      for (const [q, { id, question, answers, is_impossible: impossible }] of qas.entries()) {
        if (options.answers !== "optional" && answers.length === 0 && !impossible) {
          throw jsonError(
            file,
            ["data", a, "paragraphs", p, "qas", q, "answers"],
            "at least one answer, or is_impossible: true",
            document,
          );
        }
        questions.push({
          id,
          title,
          passage: context,
          question,
          answers: answers.map((answer) => locate(context, answer.text, answer.answer_start)),
          impossible,
        });
      }
    }
  }
  const second = version === undefined ? questions.some((one) => one.impossible) : /^v?2/.test(version);
  return { version: second ? 2 : 1, questions };
}

function locate(context: string, answer: string, codePoints: number): SquadAnswer {
  const marked = utf16Offset(context, codePoints);
  if (answer !== "" && context.startsWith(answer, marked)) return { text: answer, start: marked };
  let start: number | undefined;
  for (let at = context.indexOf(answer); answer !== "" && at >= 0; at = context.indexOf(answer, at + 1)) {
    if (start === undefined || Math.abs(at - marked) < Math.abs(start - marked)) start = at;
  }
  return start === undefined ? { text: answer } : { text: answer, start };
}

/** Where `codePoints` characters of a text end, in UTF-16 units. */
export function utf16Offset(context: string, codePoints: number): number {
  let at = 0;
  for (let i = 0; i < codePoints && at < context.length; i++) {
    at += context.codePointAt(at)! > 0xffff ? 2 : 1;
  }
  return at;
}
