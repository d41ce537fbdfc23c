import { z } from "zod";
import { readJsonFile } from "../internal/readJsonFile";

const text = z.string();
const HINT = 'wanted is { "questionId": "answer" }, with ["span", "span"] for an answer of several spans';

/**
 * Reads a file of answers by question id, `{ id: text }`, or `{ id: [text, text] }` for answers of several spans.
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT`, naming the file and the question, for anything else.
 */
export async function readPredictions(path: string): Promise<Map<string, string | string[]>> {
  const answers = await readJsonFile(path, z.record(text, z.union([text, z.array(text)])), HINT);
  return new Map(Object.entries(answers));
}

/** As {@link readPredictions}, where an answer is always one text. */
export async function readTextPredictions(path: string): Promise<Map<string, string>> {
  return new Map(
    Object.entries(await readJsonFile(path, z.record(text, text), 'wanted is { "questionId": "answer" }')),
  );
}

/** Reads a file of probabilities by question id. */
export async function readProbabilities(path: string): Promise<Map<string, number>> {
  const values = await readJsonFile(
    path,
    z.record(text, z.number().min(0).max(1)),
    'wanted is { "questionId": 0.25 }',
  );
  return new Map(Object.entries(values));
}
