/** Bytes of a record: word and context as int32 from 1 on, the weight as float64; little-endian, as GloVe has it. */
export const RECORD = 16;

/** How often words stand near each other, as records in no order that means anything. */
export interface Cooccurrences {
  readonly count: number;
  /** The records from the start, in pieces of whole records, which the next piece overwrites. */
  records(): AsyncIterable<Uint8Array>;
  /** Removes what lies on disk. */
  dispose(): Promise<void>;
}
