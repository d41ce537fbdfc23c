import { SymgradError } from "@symgrad/core";
import { blobPieces } from "../formats/blobSource";
import type { Corpus } from "./corpus";
import { decompressed } from "./decompressed";
import { streamPieces } from "./streamPieces";

/** A text, its bytes in UTF-8, a file that was chosen in a page, or what opens a stream anew for every pass. */
export type TextSource = string | Uint8Array | Blob | (() => OpenedText | Promise<OpenedText>);

/** What {@link TextSource} may open: such as the answer of `fetch`. */
export type OpenedText = Response | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * A corpus that is at hand or comes over the network, in browsers as in Node; gzip is known by its first bytes and
 * unpacked.
 *
 * Reading throws SymgradError `E_FILE` for a `Response` that is an error, and `E_FORMAT` for data packed in another
 * way, or cut off.
 *
 * @param options.name What it is called in messages. Default `"the text"`.
 * @example textSource(() => fetch("/corpus.txt.gz")) // fetched once for the vocabulary and once an epoch
 */
export function textSource(source: TextSource, { name = "the text" }: { name?: string } = {}): Corpus {
  return {
    name,
    async *open() {
      yield* decompressed(await open(source, name), name);
    },
  };
}

async function open(source: TextSource, name: string): Promise<AsyncIterable<Uint8Array>> {
  if (typeof source !== "function") return blobPieces(new Blob([source as string | Blob]));
  const opened = await source();
  if (!("status" in opened)) return "getReader" in opened ? streamPieces(opened) : opened;
  if (opened.ok && opened.body) return streamPieces(opened.body);
  throw new SymgradError("E_FILE", `${name} cannot be read: the server says ${opened.status}`, {
    where: opened.url,
    hint: "check the address",
  });
}
