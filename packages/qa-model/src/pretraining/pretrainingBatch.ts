import type { RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { maskTokens } from "./maskTokens";
import type { PretrainingInputs } from "./pretrainingModel";
import type { SentencePairs } from "./sentencePairs";

export interface PretrainingBatchOptions {
  tokenizer: DigitTokenizer;
  /** Special tokens included; every batch is padded to it, so that one graph serves all. */
  maximumTokens: number;
  maskShare: number;
  wholeWords: boolean;
  batchSize: number;
}

/** Draws and masks the texts that a key names. The caller disposes the tensors. */
export function createPretrainingBatch(
  pairs: SentencePairs,
  key: RandomKey,
  options: PretrainingBatchOptions,
): PretrainingInputs {
  const { tokenizer, maximumTokens: tokens, batchSize: batch, maskShare: share, wholeWords } = options;
  const { special } = tokenizer;
  const markers: number[] = Object.values(special);
  const others = Int32Array.from({ length: tokenizer.size }, (_, id) => id).filter(
    (id) => !markers.includes(id),
  );
  const most = Math.max(1, Math.round(share * tokens));
  const table = (width: number) => new Int32Array(batch * width);
  const [ids, segments] = [table(tokens).fill(special.pad), table(tokens)];
  const [places, hidden] = [table(most), table(most)];
  const mask = new Float32Array(batch * tokens);
  const counts = new Float32Array(batch * most);
  const apart = new Int32Array(batch);
  for (let row = 0; row < batch; row++) {
    const rowKey = key.fold(row);
    const { first, second, follows } = pairs(rowKey.fold("text"));
    const text = [special.cls, ...first, special.sep, ...(second.length > 0 ? [...second, special.sep] : [])];
    const masked = maskTokens(Int32Array.from(text), rowKey.fold("mask"), {
      maskable: (id) => id !== special.cls && id !== special.sep,
      continues: (id) => tokenizer.isContinuation(id),
      mask: special.mask,
      others,
      share,
      wholeWords,
    });
    ids.set(masked.ids, row * tokens);
    mask.fill(1, row * tokens, row * tokens + text.length);
    segments.fill(1, row * tokens + first.length + 2, row * tokens + text.length);
    places.set(masked.places, row * most);
    hidden.set(masked.hidden, row * most);
    counts.fill(1, row * most, row * most + masked.places.length);
    apart[row] = follows ? 0 : 1;
  }
  return {
    ids: tf.tensor2d(ids, [batch, tokens], "int32"),
    mask: tf.tensor2d(mask, [batch, tokens]),
    segments: tf.tensor2d(segments, [batch, tokens], "int32"),
    places: tf.tensor2d(places, [batch, most], "int32"),
    hidden: tf.tensor2d(hidden, [batch, most], "int32"),
    counts: tf.tensor2d(counts, [batch, most]),
    apart: tf.tensor1d(apart, "int32"),
  };
}
