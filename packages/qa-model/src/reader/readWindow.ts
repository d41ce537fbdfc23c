import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import type { FunctionCall } from "./prediction";
import type { ReaderLimits } from "./reader";
import type { ReaderConfig } from "./readerConfig";
import type { PreparedText } from "./readerFeatures";

/** What the model says about one window of a text. */
export interface ReadWindow {
  text: PreparedText;
  /** The functions that it called. */
  calls: readonly FunctionCall[];
  /** Logits of the window's tokens, and of those of the functions' results behind them, each closed by [SEP]. */
  start: ArrayLike<number>;
  end: ArrayLike<number>;
  /** What the other heads say; absent where there is the span head alone. */
  heads?: ReadHeads | undefined;
}

/** Logits of the heads besides the span head. */
export interface ReadHeads {
  /** Of each head, in the order of `answerHeads`. */
  types: ArrayLike<number>;
  /** Of 0 to 9. */
  count?: ArrayLike<number> | undefined;
  /** O, B and I of each of the window's tokens, `[tokens, 3]`, flat. */
  tags?: ArrayLike<number> | undefined;
}

/** The parts of a reader that decoding needs. */
export interface AnswerDecoder {
  readonly config: ReaderConfig;
  readonly limits: ReaderLimits;
  readonly tokenizer: DigitTokenizer;
  readonly layers: readonly SymbolicLayer[];
}
