import { SymgradError } from "@symgrad/core";
import { readTextFile } from "../internal/readTextFile";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";

/** A document as the token ids of its sentences, in order. */
export type Document = readonly Int32Array[];

/**
 * Splits text into documents, at blank lines, and those into sentences: at the ends of lines, and behind a full stop, an
 * exclamation or a question mark that something like a new sentence follows.
 *
 * @example splitDocuments("One. Two!\n\nThree."); // [["One.", "Two!"], ["Three."]]
 */
export function splitDocuments(text: string): string[][] {
  return text
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map((document) =>
      document
        .split(/\r?\n|(?<=[.!?]["')\]]?)\s+(?=["'([]?[\p{Lu}\d])/u)
        .map((sentence) => sentence.trim())
        .filter((sentence) => sentence !== ""),
    )
    .filter((sentences) => sentences.length > 0);
}

/**
 * Reads text files, UTF-8, `.gz` decompressed; see {@link splitDocuments}.
 *
 * @throws SymgradError `E_FILE`, `E_FORMAT` for a file that cannot be read; `E_FORMAT` if there is no text in them.
 */
export async function readDocuments(paths: readonly string[]): Promise<string[][]> {
  const documents: string[][] = [];
  for (const path of paths) documents.push(...splitDocuments(await readTextFile(path)));
  if (documents.length > 0) return documents;
  throw new SymgradError("E_FORMAT", "there is no text to learn from.", { where: paths.join(", ") });
}

/** Documents as token ids; sentences without a token are left out. */
export function encodeDocuments(documents: readonly string[][], tokenizer: DigitTokenizer): Document[] {
  return documents
    .map((sentences) =>
      sentences.map((sentence) => tokenizer.tokenize(sentence).ids).filter(({ length }) => length > 0),
    )
    .filter((sentences) => sentences.length > 0);
}
