import { SymgradError } from "@symgrad/core";
import type { ByteSource } from "./byteSource";
import { joinBytes } from "./joinBytes";

const LONGEST_LINE = 1 << 24; // bytes

/** What to do with the line in bytes `start` to `end`; `number` counts from 1. Returns false to stop. */
export type VisitLine = (bytes: Uint8Array, start: number, end: number, number: number) => boolean;

/**
 * Visits the lines of a text, in constant memory; what follows the last line break is a line unless it is empty.
 *
 * @throws SymgradError `E_FORMAT` for a line longer than 16 MiB; what reading throws.
 */
export async function readLines(source: ByteSource, visit: VisitLine): Promise<void> {
  let rest: Uint8Array[] = []; // the start of a line
  let waiting = 0; // its bytes
  let number = 1;
  for await (const piece of source.pieces()) {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      const line = rest.length > 0 ? joinBytes([...rest, piece.subarray(start, end)]) : undefined;
      const goOn = line ? visit(line, 0, line.length, number) : visit(piece, start, end, number);
      if (!goOn) return;
      rest = [];
      waiting = 0;
      number++;
      start = end + 1;
    }
    if (start < piece.length) rest.push(piece.subarray(start));
    waiting += piece.length - start;
    if (waiting > LONGEST_LINE) {
      throw new SymgradError("E_FORMAT", `a line is longer than ${LONGEST_LINE} bytes`, {
        where: `${source.name}, line ${number}`,
        hint: "this is not a text file of word vectors",
      });
    }
  }
  if (waiting > 0) {
    const line = joinBytes(rest);
    visit(line, 0, line.length, number);
  }
}
