import fs from "node:fs/promises";
import { fileError, SymgradError } from "@symgrad/core";

/** The first line of both word2vec forms. */
export interface Header {
  words: number;
  dimension: number;
  /** Bytes of the line, its end included. */
  bytes: number;
}

const LONGEST_HEADER = 64; // bytes
/** Deflate never makes data smaller than by this factor. */
const MOST_COMPRESSION = 1032;

/** The header at the start of a file; undefined if its first line is something else. */
export function parseHeader(head: Buffer): Header | undefined {
  const end = head.subarray(0, LONGEST_HEADER).indexOf(0x0a);
  const found = /^ *(\d{1,15}) +(\d{1,15})[ \r]*$/.exec(head.toString("latin1", 0, Math.max(end, 0)));
  return found ? { words: Number(found[1]), dimension: Number(found[2]), bytes: end + 1 } : undefined;
}

/**
 * The header, checked against the size of the file before anything is made of it.
 *
 * @param rowBytes The least a row can take.
 * @throws SymgradError `E_FORMAT` if there is none, if the dimension is 0 or if the file is too small for it.
 */
export async function checkedHeader(
  head: Buffer,
  file: string,
  rowBytes: (dimension: number) => number,
): Promise<Header> {
  const header = parseHeader(head);
  if (!header) {
    const line = head.subarray(0, LONGEST_HEADER).toString("latin1").split("\n", 1)[0];
    throw new SymgradError("E_FORMAT", `expected "words dimension", found ${JSON.stringify(line)}`, {
      where: `${file}, line 1`,
      hint: "a text file without that line is in the form of GloVe: format glove",
    });
  }
  const { words, dimension, bytes } = header;
  if (dimension === 0) {
    throw new SymgradError("E_FORMAT", "the header says that vectors have 0 numbers; wanted 1 or more", {
      where: `${file}, line 1`,
    });
  }
  const size = await fileSize(file);
  const most = file.endsWith(".gz") ? size * MOST_COMPRESSION : size;
  const least = bytes + words * rowBytes(dimension) - 1; // the last line break may be missing
  if (least > most) {
    throw new SymgradError(
      "E_FORMAT",
      `the header says ${words} words x ${dimension} numbers, at least ${least} bytes, but there are ${size}`,
      { where: `${file}, line 1`, hint: "the file was cut short, or its header is wrong: copy it again" },
    );
  }
  return header;
}

async function fileSize(file: string): Promise<number> {
  try {
    return (await fs.stat(file)).size;
  } catch (error) {
    throw fileError(error, "read", file);
  }
}
