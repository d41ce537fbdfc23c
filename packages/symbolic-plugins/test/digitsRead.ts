import * as tf from "@tensorflow/tfjs";
import type { ResultTokens } from "../src/layer/resultTokens";
import type { digitVocabulary } from "./digitVocabulary";

/** The digit read at each place, `[batch, length]`, differentiable; 0 where there is none. */
export function digitsRead(read: ResultTokens, vocabulary: ReturnType<typeof digitVocabulary>): tf.Tensor2D {
  const digits = vocabulary.tokens.map((token) => (/\d$/.test(token) ? Number(token.at(-1)) : 0));
  return tf.squeeze(read.embed(tf.tensor2d(digits, [vocabulary.size, 1])), [2]);
}
