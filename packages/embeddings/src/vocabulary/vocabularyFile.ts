import { writeFileAtomic } from "@symgrad/core";
import { textFiles } from "../corpus/textFiles";
import { joinBytes } from "../formats/joinBytes";
import type { Vocabulary } from "./vocabulary";
import { formatVocabulary, parseVocabulary } from "./vocabularyText";

/**
 * Writes a vocabulary as word2vec.c and GloVe do: a word, a space and its count on each line. The file appears whole or
 * not at all.
 */
export async function saveVocabulary(vocabulary: Vocabulary, path: string): Promise<void> {
  await writeFileAtomic(path, formatVocabulary(vocabulary));
}

/**
 * Reads a vocabulary, in the order of its lines.
 *
 * @throws SymgradError `E_FORMAT` naming the first line that is not a word and a count, `E_FILE` if it cannot be read,
 *   `E_VOCABULARY` if a word stands twice or there is none.
 */
export async function loadVocabulary(path: string): Promise<Vocabulary> {
  const pieces: Uint8Array[] = [];
  for await (const piece of textFiles(path).open()) pieces.push(piece);
  return parseVocabulary(joinBytes(pieces), path);
}
