import { SymgradError } from "@symgrad/core";
import { ascii } from "./ascii";
import type { ByteSource } from "./byteSource";
import { readHead } from "./readHead";
import { parseHeader } from "./readHeader";
import { type WordVectorsFormat, wordVectorsFormats } from "./wordVectorsFormat";

const TEXT_SEEN = 1000; // bytes
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** Files that are something else, by their first bytes. */
const others: readonly [number[], string, string][] = [
  [[0x80], "a Python pickle", "in gensim: vectors.save_word2vec_format(file, binary=True)"],
  [[0x50, 0x4b, 3, 4], "a zip archive", "unpack it first"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed by xz", "decompress it first: xz -dk FILE"],
  [[0x28, 0xb5, 0x2f, 0xfd], "compressed by zstd", "decompress it first: zstd -d FILE"],
  [[0x1f, 0x8b], "compressed by gzip", 'end its name in ".gz"'],
];

/**
 * Tells the form of word vectors from the first bytes.
 *
 * @throws SymgradError `E_FORMAT` if it has none of the known forms.
 */
export async function detectFormat(source: ByteSource): Promise<WordVectorsFormat> {
  const head = await readHead(source);
  for (const [start, what, hint] of others) {
    if (start.every((byte, i) => head[i] === byte)) {
      throw new SymgradError("E_FORMAT", `the file is ${what}`, { where: source.name, hint });
    }
  }
  if (head.length > 8 && head[8] === 0x7b && startsWithLength(head)) return "safetensors";
  const header = parseHeader(head);
  if (header) {
    const text = header.words === 0 || startsWithText(head, header.bytes);
    return text ? "word2vec-text" : "word2vec-binary";
  }
  const first = lineAt(head, 0);
  const [, ...numbers] = first.fields;
  if (numbers.length > 0 && numbers.every((field) => NUMBER.test(field))) {
    return first.tabs && NUMBER.test(first.fields[0]!) ? "projector" : "glove";
  }
  if (first.whole && first.fields.length === 1 && NUMBER.test(first.fields[0]!)) return "projector"; // of dimension 1
  throw new SymgradError("E_FORMAT", "the file has none of the forms of word vectors that are known", {
    where: source.name,
    hint: `name the form if you know it: ${wordVectorsFormats.join(", ")}`,
  });
}

/** The length of a safetensors header, which is below 4 GB. */
function startsWithLength(head: Uint8Array): boolean {
  return new DataView(head.buffer, head.byteOffset).getUint32(4, true) === 0;
}

interface Line {
  /** Complete ones only. */
  fields: string[];
  tabs: boolean;
  /** Whether its end is seen. */
  whole: boolean;
}

function lineAt(head: Uint8Array, start: number): Line {
  const end = head.indexOf(0x0a, start);
  const text = ascii(head, start, end < 0 ? head.length : end);
  const fields = text.trimEnd().split(/[ \t]+/);
  if (end < 0 && fields.length > 1) fields.pop(); // the head may end inside it
  return { fields, tabs: text.includes("\t"), whole: end >= 0 };
}

/** Whether a line of text follows: a word and numbers, as far as it is seen. Binary numbers hold control bytes. */
function startsWithText(head: Uint8Array, start: number): boolean {
  const [, ...numbers] = lineAt(head, start).fields;
  const control = head
    .subarray(start, start + TEXT_SEEN)
    .some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return !control && numbers.length > 0 && numbers.every((field) => NUMBER.test(field));
}
