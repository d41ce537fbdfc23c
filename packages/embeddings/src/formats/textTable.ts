import { SymgradError } from "@symgrad/core";
import type { WordVectors } from "../wordVectors";
import type { ByteSource } from "./byteSource";
import { formatFloat32, LONGEST_FLOAT32 } from "./formatFloat32";
import { isBlank, parseNumbers } from "./parseNumbers";
import { readHead } from "./readHead";
import { checkedHeader } from "./readHeader";
import { readLines } from "./readLines";
import { TableBuilder } from "./tableBuilder";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";

const PIECE = 1 << 20; // bytes

/**
 * Reads word2vec's text form: "words dimension", then a line for each word.
 *
 * @throws SymgradError `E_FORMAT` with the line that is not a word and as many numbers as the header says.
 */
export async function readWord2VecText(
  source: ByteSource,
  options: LoadWordVectorsOptions,
): Promise<WordVectors> {
  const { words: rows, dimension } = await checkedHeader(await readHead(source), source, (n) => 2 * n + 2);
  const { name: file } = source;
  const table = new TableBuilder({ ...options, file, unit: "line", rows, dimension });
  let lines = 0;
  await readLines(source, (bytes, start, end, number) => {
    lines = number;
    if (number === 1) return true;
    if (table.full) {
      // Only `limit` may leave lines unread.
      if (table.read < rows) return false;
      if (isBlankLine(bytes, start, end)) return true;
      throw table.problem(`the file goes on after the last of ${rows} words`, number, {
        hint: "its header is wrong",
      });
    }
    addLine(table, bytes, start, end, number);
    return true;
  });
  if (!table.full) {
    throw table.problem(`the file ends after ${table.read} of ${rows} words`, lines, {
      hint: "it was cut short, or its header is wrong: copy it again",
    });
  }
  return table.build();
}

/**
 * Reads GloVe's text form: a line for each word, all with as many numbers as the first. The text is read twice, to know
 * how many words there are.
 *
 * @throws SymgradError `E_FORMAT` with the line that is not a word and its numbers.
 */
export async function readGloVeText(
  source: ByteSource,
  options: LoadWordVectorsOptions,
): Promise<WordVectors> {
  const { name: file } = source;
  const { limit = Number.POSITIVE_INFINITY } = options;
  let rows = 0;
  let dimension = 0;
  await readLines(source, (bytes, start, end, number) => {
    if (number === 1) dimension = countFields(bytes, start, end) - 1;
    if (!isBlankLine(bytes, start, end)) rows = number;
    return number < limit;
  });
  if (dimension < 1) {
    throw new SymgradError("E_FORMAT", "expected a word and its numbers", { where: `${file}, line 1` });
  }
  const table = new TableBuilder({ ...options, file, unit: "line", rows, dimension });
  await readLines(source, (bytes, start, end, number) => {
    if (number <= rows) addLine(table, bytes, start, end, number);
    return number < rows;
  });
  return table.build();
}

function addLine(table: TableBuilder, bytes: Uint8Array, start: number, end: number, number: number): void {
  const { values, dimension } = table;
  let space = start;
  while (space < end && !isBlank(bytes[space]!)) space++;
  const count = parseNumbers(bytes, space, end, values, table.offset, dimension);
  if (typeof count !== "number") {
    throw table.problem(`${JSON.stringify(count.text)} is not a finite number`, number, {
      hint: "each line is one word without white space and its numbers",
    });
  }
  if (count !== dimension) {
    throw table.problem(`${count} numbers follow the word, wanted ${dimension}`, number, {
      hint:
        count > dimension
          ? "the header is wrong, or a word holds a space; words may hold none"
          : "the file was cut short, or a line is broken",
    });
  }
  table.addBytes(bytes, start, space, number);
}

function countFields(bytes: Uint8Array, start: number, end: number): number {
  let fields = 0;
  for (let at = start, blank = true; at < end; at++) {
    const next = isBlank(bytes[at]!);
    if (blank && !next) fields++;
    blank = next;
  }
  return fields;
}

function isBlankLine(bytes: Uint8Array, start: number, end: number): boolean {
  return countFields(bytes, start, end) === 0;
}

/** word2vec's text form, in pieces of about a megabyte. Numbers are read back as the same float32. */
export function* word2VecTextPieces(vectors: WordVectors): Generator<Uint8Array> {
  yield new TextEncoder().encode(`${vectors.size} ${vectors.dimension}\n`);
  yield* gloVeTextPieces(vectors);
}

/** GloVe's text form, in pieces of about a megabyte. */
export function gloVeTextPieces(vectors: WordVectors): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  return rowPieces(vectors, (row) => encoder.encode(vectors.words[row]!), 0x20);
}

/** A line for each row: what stands before the numbers, then the numbers, each behind a separator if it has one before. */
export function* rowPieces(
  { size, dimension, values }: WordVectors,
  before: (row: number) => Uint8Array,
  separator: number,
): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE);
  let at = 0;
  for (let row = 0; row < size; row++) {
    const word = before(row);
    const most = word.length + dimension * (LONGEST_FLOAT32 + 1) + 1;
    if (at + most > piece.length) {
      yield piece.subarray(0, at);
      piece = new Uint8Array(Math.max(PIECE, most));
      at = 0;
    }
    piece.set(word, at);
    at += word.length;
    for (let i = row * dimension; i < (row + 1) * dimension; i++) {
      if (i > row * dimension || word.length > 0) piece[at++] = separator;
      at = formatFloat32(values[i]!, piece, at);
    }
    piece[at++] = 0x0a;
  }
  yield piece.subarray(0, at);
}
