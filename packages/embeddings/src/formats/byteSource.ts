/** Bytes of word vectors: a file's, or some at hand. They are read more than once. */
export interface ByteSource {
  /** What they are called in errors. */
  readonly name: string;
  /** How many there are, and the most that they can be unpacked. */
  size(): Promise<{ bytes: number; most: number }>;
  /** All of them, unpacked, piece by piece. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** Deflate never makes data smaller than by this factor. */
export const MOST_COMPRESSION = 1032;
