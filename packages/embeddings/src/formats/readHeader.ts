import { SymgradError } from "@symgrad/core";
import { ascii } from "./ascii";
import type { ByteSource } from "./byteSource";

/** The first line of both word2vec forms. */
export interface Header {
  words: number;
  dimension: number;
  /** Bytes of the line, its end included. */
  bytes: number;
}

const LONGEST_HEADER = 64; // bytes

/** The header at the start of a file; undefined if its first line is something else. */
export function parseHeader(head: Uint8Array): Header | undefined {
  const end = head.subarray(0, LONGEST_HEADER).indexOf(0x0a);
  const found = /^ *(\d{1,15}) +(\d{1,15})[ \r]*$/.exec(ascii(head, 0, Math.max(end, 0)));
  return found ? { words: Number(found[1]), dimension: Number(found[2]), bytes: end + 1 } : undefined;
}

/**
 * The header, checked against the size of the file before anything is made of it.
 *
 * @param rowBytes The least a row can take.
 * @throws SymgradError `E_FORMAT` if there is none, if the dimension is 0 or if the file is too small for it.
 */
export async function checkedHeader(
  head: Uint8Array,
  source: ByteSource,
  rowBytes: (dimension: number) => number,
): Promise<Header> {
  const header = parseHeader(head);
  if (!header) {
    const line = ascii(head, 0, Math.min(LONGEST_HEADER, head.length)).split("\n", 1)[0];
    throw new SymgradError("E_FORMAT", `expected "words dimension", found ${JSON.stringify(line)}`, {
      where: `${source.name}, line 1`,
      hint: "a text file without that line is in the form of GloVe: format glove",
    });
  }
  const { words, dimension, bytes } = header;
  if (dimension === 0) {
    throw new SymgradError("E_FORMAT", "the header says that vectors have 0 numbers; wanted 1 or more", {
      where: `${source.name}, line 1`,
    });
  }
  const size = await source.size();
  const least = bytes + words * rowBytes(dimension) - 1; // the last line break may be missing
  if (least > size.most) {
    throw new SymgradError(
      "E_FORMAT",
      `the header says ${words} words x ${dimension} numbers, at least ${least} bytes, but there are ${size.bytes}`,
      {
        where: `${source.name}, line 1`,
        hint: "the file was cut short, or its header is wrong: copy it again",
      },
    );
  }
  return header;
}
