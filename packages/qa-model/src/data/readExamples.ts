import { readFileChunks, SymgradError } from "@symgrad/core";
import { parseJson } from "../internal/readJsonFile";
import { decodeText, readTextFile } from "../internal/readTextFile";
import { dropExamples, squadExamples, tatQaExamples } from "./datasetExamples";
import { parseExample, type QaExample, type QaQuestion } from "./parseExample";
import { parseDrop } from "./readDrop";
import { parseSquad } from "./readSquad";
import { parseTatQa } from "./readTatQa";

export interface ReadExamplesOptions {
  /** "optional" accepts questions without an answer, as for predictions. Default "required". */
  answers?: "required" | "optional" | undefined;
}

/**
 * Reads questions with their answers. A name that ends in ".json" is a data set in its published form: SQuAD's (an
 * object with `data`), TAT-QA's (a list), or else DROP's, which Quoref has as well. Any other file is JSON Lines, one
 * example a line: the lines of the synthetic generator, or
 * `{ "id": ..., "passage": "...", "question": "...", "answer": "..." }`, with `"answers": [...]` where several texts are
 * right, `"spans": [[start, end], ...]` where the answer's places in the passage are marked (UTF-16 units), and
 * `"impossible": true` where nothing answers. Blank lines are skipped. For files too large for memory see
 * {@link streamExamples}. ".gz" behind any of these names is decompressed.
 *
 * @throws SymgradError `E_FILE` if the file cannot be read; `E_FORMAT`, naming file and line, or the path inside the
 *   JSON, what was expected and what was found, for broken JSON, a cut last line, a missing or mistyped field, and a file
 *   without examples.
 */
export function readExamples(
  path: string,
  options: ReadExamplesOptions & { answers: "optional" },
): Promise<QaQuestion[]>;
export function readExamples(path: string, options?: ReadExamplesOptions): Promise<QaExample[]>;
export async function readExamples(path: string, options?: ReadExamplesOptions): Promise<QaQuestion[]> {
  if (/\.json(\.gz)?$/.test(path)) return readDataset(path, options);
  const examples: QaQuestion[] = [];
  for await (const example of streamExamples(path, options)) examples.push(example);
  return examples;
}

async function readDataset(path: string, options: ReadExamplesOptions = {}): Promise<QaQuestion[]> {
  const document = parseJson(await readTextFile(path), path);
  if (Array.isArray(document)) return tatQaExamples(parseTatQa(document, path));
  const inSquadForm = Array.isArray((document as { data?: unknown } | null)?.data);
  const examples = inSquadForm
    ? squadExamples(parseSquad(document, path, options).questions)
    : dropExamples(parseDrop(document, path, options));
  if (examples.length === 0) {
    throw new SymgradError("E_FORMAT", "expected at least one question, but there is none.", { where: path });
  }
  return examples;
}

/** JSON Lines as {@link readExamples} reads them, one example after another. */
export function streamExamples(
  path: string,
  options: ReadExamplesOptions & { answers: "optional" },
): AsyncGenerator<QaQuestion, void, void>;
export function streamExamples(
  path: string,
  options?: ReadExamplesOptions,
): AsyncGenerator<QaExample, void, void>;
export async function* streamExamples(
  path: string,
  options: ReadExamplesOptions = {},
): AsyncGenerator<QaQuestion, void, void> {
  const needsAnswer = options.answers !== "optional";
  let count = 0;
  for await (const { number, bytes, ended } of readLines(path)) {
    const where = `${path}, line ${number}`;
    const text = decodeText(bytes, where).replace(/^\ufeff/, "");
    if (text.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      const found = ended ? "this is not JSON" : "the last line ends before its JSON object does";
      throw new SymgradError(
        "E_FORMAT",
        `expected one JSON object on the line, but ${found}: ${excerpt(text)}`,
        {
          where,
          hint: ended ? "write each example as one line of JSON" : "the file was cut off: write it again",
          cause,
        },
      );
    }
    yield parseExample(value, where, needsAnswer);
    count += 1;
  }
  if (count === 0) {
    throw new SymgradError("E_FORMAT", "expected at least one example, but the file is empty.", {
      where: path,
      hint: 'write one JSON object a line, with "id", "passage", "question" and "answer"',
    });
  }
}

interface Line {
  /** From 1. */
  number: number;
  bytes: Uint8Array;
  /** Whether a line break follows. */
  ended: boolean;
}

async function* readLines(path: string): AsyncGenerator<Line, void, void> {
  let number = 1;
  let rest: Uint8Array[] = [];
  for await (const chunk of readFileChunks(path)) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, start);
      if (end < 0) break;
      yield { number, bytes: Buffer.concat([...rest, chunk.subarray(start, end)]), ended: true };
      rest = [];
      number += 1;
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield { number, bytes: Buffer.concat(rest), ended: false };
}

function excerpt(text: string): string {
  const most = 60;
  return text.length <= most ? text : `${text.slice(0, most / 2)} ... ${text.slice(-most / 2)}`;
}
