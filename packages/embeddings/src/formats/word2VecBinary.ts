import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import type { ByteSource } from "./byteSource";
import { joinBytes } from "./joinBytes";
import { checkedHeader, type Header } from "./readHeader";
import { TableBuilder } from "./tableBuilder";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";

const LINE_BREAK = 0x0a;
const SPACE = 0x20;
const LONGEST_WORD = 1 << 16; // bytes
const PIECE = 1 << 20; // bytes

/**
 * Reads the binary form of word2vec.c, with a line break after each vector, and of gensim, without one.
 *
 * @throws SymgradError `E_FORMAT` with the byte where a word is not one, the file ends early or goes on, or a number is
 *   not finite.
 */
export async function readWord2VecBinary(
  source: ByteSource,
  options: LoadWordVectorsOptions,
): Promise<WordVectors> {
  const { name: file } = source;
  let table: TableBuilder | undefined;
  let header: Header | undefined;
  let rest: Uint8Array = new Uint8Array(0); // not yet understood
  let position = 0; // of `rest` in the file
  const advance = (bytes: number) => {
    rest = rest.subarray(bytes);
    position += bytes;
  };
  for await (const piece of source.pieces()) {
    rest = rest.length === 0 ? piece : joinBytes([rest, piece]);
    if (!table) {
      header = await checkedHeader(rest, source, (dimension) => 4 * dimension + 2);
      table = new TableBuilder({ ...options, file, unit: "byte", rows: header.words, ...header });
      advance(header.bytes);
    }
    advance(takeRows(rest, position, table));
    if (table.full && table.read < header!.words) return table.build(); // as many as `limit`
  }
  if (!table || !header) throw new SymgradError("E_FORMAT", "the file is empty", { where: file });
  if (!table.full) {
    throw table.problem(`the file ends inside word ${table.read + 1} of ${header.words}`, position, {
      hint: "it was cut short, or its header is wrong: copy it again",
    });
  }
  if (rest.some((byte) => byte !== LINE_BREAK)) {
    throw table.problem(`the file goes on after the last of ${header.words} words`, position, {
      hint: "its header is wrong, or a word holds a space",
    });
  }
  return table.build();
}

/** @returns How many bytes of whole rows there were. */
function takeRows(bytes: Uint8Array, position: number, table: TableBuilder): number {
  const { values, dimension } = table;
  const target = new Uint8Array(values.buffer);
  const vectorBytes = 4 * dimension;
  let done = 0;
  while (!table.full) {
    let start = done;
    while (bytes[start] === LINE_BREAK) start++;
    let space = start;
    while (space < bytes.length && bytes[space] !== SPACE && space - start <= LONGEST_WORD) space++;
    if (space - start > LONGEST_WORD) {
      throw table.problem(`word ${table.read + 1} is longer than ${LONGEST_WORD} bytes`, position + start, {
        hint: "the header is wrong, or this is not the binary form",
      });
    }
    const end = space + 1 + vectorBytes;
    if (space === bytes.length || end > bytes.length) break;
    target.set(bytes.subarray(space + 1, end), 4 * table.offset);
    table.addBytes(bytes, start, space, position + start);
    done = end;
  }
  return done;
}

/** The binary form of word2vec.c, in pieces of about a megabyte. */
export function* word2VecBinaryPieces({ words, dimension, values }: WordVectors): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${words.length} ${dimension}\n`);
  const vectors = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const vectorBytes = 4 * dimension;
  for (let row = 0; row < words.length; ) {
    const encoded: Uint8Array[] = [];
    const first = row;
    for (let size = 0; row < words.length && size < PIECE; row++) {
      encoded.push(encoder.encode(`${words[row]} `));
      size += encoded.at(-1)!.length + vectorBytes + 1;
    }
    const wordBytes = encoded.reduce((sum, word) => sum + word.length, 0);
    const piece = new Uint8Array(wordBytes + encoded.length * (vectorBytes + 1));
    let at = 0;
    for (const [i, word] of encoded.entries()) {
      piece.set(word, at);
      const from = (first + i) * vectorBytes;
      piece.set(vectors.subarray(from, from + vectorBytes), at + word.length);
      at += word.length + vectorBytes + 1;
      piece[at - 1] = LINE_BREAK;
    }
    yield piece;
  }
}
