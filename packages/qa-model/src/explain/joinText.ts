import type { AnswerSource } from "../reader/prediction";
import type { EncodedText, PreparedText } from "../reader/readerFeatures";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";

/** A token of what the reader reads, and where it comes from. */
export interface JoinedToken {
  /** As the vocabulary has it; "##" marks one that continues the token before it. */
  token: string;
  /** "special": [CLS] or [SEP]. */
  source: AnswerSource | "special";
  /** UTF-16 offsets in its source; 0 for a special token. */
  start: number;
  end: number;
}

/** Question, passage and the function's result as the one sequence that the reader reads. */
export interface JoinedText {
  ids: Int32Array;
  /** 0 for the question, 1 behind it. */
  segments: Int32Array;
  tokens: JoinedToken[];
}

/**
 * `[CLS] question [SEP] passage [SEP]`, and with a calculator `result [SEP]` behind it.
 *
 * @param result What the function returned, "" where nothing was called; undefined without a calculator.
 */
export function joinText(
  { features, question, passage }: PreparedText,
  result: string | undefined,
  tokenizer: DigitTokenizer,
): JoinedText {
  const { cls, sep } = tokenizer.special;
  const parts: { source: JoinedToken["source"]; ids: ArrayLike<number>; offsets: ArrayLike<number> }[] = [];
  const special = (id: number) => parts.push({ source: "special", ids: [id], offsets: [0, 0] });
  const text = (source: AnswerSource, encoded: EncodedText) => parts.push({ source, ...encoded });
  special(cls);
  text("question", question);
  special(sep);
  text("passage", passage);
  special(sep);
  if (result !== undefined) {
    text("function", tokenizer.tokenize(result));
    special(sep);
  }
  const tokens = parts.flatMap(({ source, ids, offsets }) =>
    Array.from(ids, (id, i) => ({
      token: tokenizer.token(id),
      source,
      start: offsets[2 * i]!,
      end: offsets[2 * i + 1]!,
    })),
  );
  const ids = Int32Array.from(parts.flatMap((part) => Array.from(part.ids)));
  return { ids, segments: ids.map((_, i) => (i < features.passageStart ? 0 : 1)), tokens };
}
