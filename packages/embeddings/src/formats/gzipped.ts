import { Readable } from "node:stream";
import { createGzip } from "node:zlib";

type Pieces = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** The pieces as they are, or compressed if the name of the file they go to ends in ".gz". */
export function gzipped(pieces: Pieces, file: string): Pieces {
  return file.endsWith(".gz") ? compress(pieces) : pieces;
}

async function* compress(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const source = Readable.from(pieces, { objectMode: false });
  const gzip = createGzip();
  source.on("error", (error) => gzip.destroy(error));
  try {
    yield* source.pipe(gzip) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}
