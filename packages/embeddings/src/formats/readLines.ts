import { SymgradError } from "@symgrad/core";
import { readPieces } from "./readPieces";

const LONGEST_LINE = 1 << 24; // bytes

/** What to do with the line in bytes `start` to `end`; `number` counts from 1. Returns false to stop. */
export type VisitLine = (bytes: Buffer, start: number, end: number, number: number) => boolean;

/**
 * Visits the lines of a file, in constant memory; what follows the last line break is a line unless it is empty.
 *
 * @throws SymgradError `E_FILE` if it cannot be read, `E_FORMAT` for a line longer than 16 MiB.
 */
export async function readLines(file: string, visit: VisitLine): Promise<void> {
  let rest: Buffer[] = []; // the start of a line
  let waiting = 0; // its bytes
  let number = 1;
  for await (const piece of readPieces(file)) {
    let start = 0;
    for (let end = piece.indexOf(0x0a); end >= 0; end = piece.indexOf(0x0a, start)) {
      const line = rest.length > 0 ? Buffer.concat([...rest, piece.subarray(start, end)]) : undefined;
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
        where: `${file}, line ${number}`,
        hint: "this is not a text file of word vectors",
      });
    }
  }
  if (waiting > 0) {
    const line = Buffer.concat(rest);
    visit(line, 0, line.length, number);
  }
}
