import type { TokenVocabulary } from "@symgrad/symbolic-plugins";

/** What the reader asks of a tokenizer; `DigitTokenizer` is one. */
export interface ReaderTokenizer extends TokenVocabulary {
  tokenize(text: string): {
    ids: Int32Array;
    /** Start and end of each token in UTF-16 units, in pairs. */
    offsets: Int32Array;
    numbers: { value: string; firstToken: number }[];
  };
  /** Whether the token continues the word or number before it. */
  isContinuation(id: number): boolean;
  readonly special: { pad: number; unk: number; cls: number; sep: number; mask: number };
}
