/** Text that can be read several times: words apart by white space, sentences by line ends, in UTF-8. */
export interface Corpus {
  /** What it is called in messages. */
  readonly name: string;
  /** The bytes from the start, in pieces of any size. */
  open(): AsyncIterable<Uint8Array>;
}
