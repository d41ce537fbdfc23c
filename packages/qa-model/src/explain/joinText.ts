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
  /** Which call's result it stands in, from 0, where there are several. */
  call?: number;
}

/** Question, passage and the functions' results as the one sequence that the reader reads. */
export interface JoinedText {
  ids: Int32Array;
  /** 0 for the question, 1 behind it. */
  segments: Int32Array;
  tokens: JoinedToken[];
}

/**
 * `[CLS] question [SEP] passage [SEP]`, and for each function `result [SEP]` behind it.
 *
 * @param results What the functions returned, "" where nothing was called; none without a calculator.
 */
export function joinText(
  { features, question, passage }: PreparedText,
  results: readonly string[],
  tokenizer: DigitTokenizer,
): JoinedText {
  const { cls, sep } = tokenizer.special;
  const parts: (Pick<JoinedToken, "source" | "call"> & {
    ids: ArrayLike<number>;
    offsets: ArrayLike<number>;
  })[] = [];
  const special = (id: number) => parts.push({ source: "special", ids: [id], offsets: [0, 0] });
  const text = (source: AnswerSource, { ids, offsets }: EncodedText) => parts.push({ source, ids, offsets });
  special(cls);
  text("question", question);
  special(sep);
  text("passage", passage);
  special(sep);
  for (const [call, result] of results.entries()) {
    const { ids, offsets } = tokenizer.tokenize(result);
    parts.push({ source: "function", ids, offsets, ...(results.length > 1 ? { call } : {}) });
    special(sep);
  }
  const tokens = parts.flatMap(({ source, call, ids, offsets }) =>
    Array.from(ids, (id, i) => ({
      token: tokenizer.token(id),
      source,
      start: offsets[2 * i]!,
      end: offsets[2 * i + 1]!,
      ...(call === undefined ? {} : { call }),
    })),
  );
  const ids = Int32Array.from(parts.flatMap((part) => Array.from(part.ids)));
  return { ids, segments: ids.map((_, i) => (i < features.passageStart ? 0 : 1)), tokens };
}
