import { parseJson } from "../internal/readJsonFile";
import { readTextFile } from "../internal/readTextFile";
import { type DropQuestion, parseDrop, type ReadAnswersOptions } from "./readDrop";
import { parseSquad } from "./readSquad";

/**
 * Reads Quoref in either form it is found in: SQuAD's, in which all answers of a question together are its answer, or
 * DROP's.
 *
 * @throws SymgradError `E_FILE` and `E_FORMAT` as `readDrop` and `readSquad`.
 * @see Dasigi et al. 2019, arXiv:1908.05803.
 */
export async function readQuoref(path: string, options: ReadAnswersOptions = {}): Promise<DropQuestion[]> {
  const document = parseJson(await readTextFile(path), path);
  const inSquadForm = Array.isArray((document as { data?: unknown } | null)?.data);
  if (!inSquadForm) return parseDrop(document, path, options);
  return parseSquad(document, path, options).questions.map(({ id, title, passage, question, answers }) => ({
    id,
    passageId: title,
    passage,
    question,
    ...(answers.length > 0
      ? {
          answer: {
            number: "",
            spans: answers.map((answer) => answer.text),
            date: { day: "", month: "", year: "" },
          },
        }
      : {}),
    validatedAnswers: [],
  }));
}
