import type { Corpus } from "../corpus/corpus";
import type { Vocabulary } from "./vocabulary";
import { LINE_END, WordTable } from "./wordTable";

/**
 * A corpus as the rows of its words, in blocks of at most `capacity`, each of whole lines where they fit: the words of
 * a line follow each other, {@link LINE_END} ends it, and words that are not in the vocabulary are left out. Where a
 * block starts, nothing but the text from there on says where the next one does.
 *
 * @param skip Words (and line ends, where the vocabulary counts them) to leave out at the start.
 */
export async function* wordIds(
  corpus: Corpus,
  vocabulary: Vocabulary,
  { capacity, skip = 0 }: { capacity: number; skip?: number },
): AsyncGenerator<Int32Array> {
  const table = new WordTable(vocabulary.size);
  const encoder = new TextEncoder();
  for (const [row, word] of vocabulary.words.entries()) table.insert(encoder.encode(word), row);
  const lineEnd = vocabulary.hasLineEnd;

  const block = new Int32Array(capacity);
  let filled = 0;
  let full: Int32Array[] = [];
  /** Where line ends are row 0, the word </s> in the text is one, too. */
  const add = (ids: Int32Array) => {
    for (let i = 0; i < ids.length; i++) {
      const id = lineEnd && ids[i] === 0 ? LINE_END : ids[i]!;
      if (skip > 0) {
        if (id !== LINE_END || lineEnd) skip--;
        continue;
      }
      block[filled++] = id;
      if (filled === capacity) flush();
    }
  };
  const flush = () => {
    const end = block.lastIndexOf(LINE_END, filled - 1) + 1;
    const size = end === 0 ? filled : end;
    full.push(block.slice(0, size));
    block.copyWithin(0, size, filled);
    filled -= size;
  };
  for await (const piece of corpus.open()) {
    table.encode(piece, false, add);
    yield* full;
    full = [];
  }
  table.encode(new Uint8Array(0), true, add);
  while (filled > 0) flush();
  yield* full;
}
