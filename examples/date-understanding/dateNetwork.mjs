import { Embedding, Linear, Module } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { questionRelations, relations } from "./readQuestion.mjs";

/** Words of a window and of a question that are looked at. */
export const windowWords = 8;
export const questionWords = 8;
const hidden = 32;

/**
 * Scores of the three choices of `dateQuestion`: how each date of the text is related to today, which of its durations is
 * meant, and how the answer is related to today.
 */
export class DateNetwork extends Module {
  constructor(words, key) {
    super();
    const two = (inputs, outputs, name) => [
      new Linear({ inputs, outputs: 64, key: key.fold(name).fold(0) }),
      new Linear({ inputs: 64, outputs, key: key.fold(name).fold(1) }),
    ];
    this.embedding = new Embedding({ rows: words, hidden, key: key.fold("words"), standardDeviation: 0.3 });
    this.ofDate = two((windowWords + 1) * hidden, relations, "date");
    this.ofDuration = two(windowWords * hidden, 1, "duration");
    this.ofQuestion = two(questionWords * hidden, questionRelations, "question");
  }

  /**
   * @param inputs int32 word ids: `context` `[batch, words]`, `dates` `[batch, n, windowWords]`, `durations`
   *   `[batch, m, windowWords]`, `question` `[batch, questionWords]`; 0 is no word.
   * @returns `relation` `[batch, n * relations]`, `duration` `[batch, m + 1]` (the first is 0: none), `question`
   *   `[batch, questionRelations]`.
   */
  apply({ context, dates, durations, question }) {
    const [batch, n] = dates.shape;
    const m = durations.shape[1];
    const present = context.greater(0).cast("float32").expandDims(2);
    const about = this.embedding.apply(context).mul(present).sum(1).div(present.sum(1).add(1));
    const around = tf.concat([this.#flat(dates, n), about.reshape([batch, 1, hidden]).tile([1, n, 1])], 2);
    const duration = score(this.ofDuration, this.#flat(durations, m)).reshape([batch, m]);
    return {
      relation: score(this.ofDate, around).reshape([batch, n * relations]),
      duration: tf.concat([tf.zeros([batch, 1]), duration], 1),
      question: score(
        this.ofQuestion,
        this.embedding.apply(question).reshape([batch, questionWords * hidden]),
      ),
    };
  }

  #flat(windows, count) {
    return this.embedding.apply(windows).reshape([windows.shape[0], count, windowWords * hidden]);
  }
}

function score([first, second], x) {
  return second.apply(first.apply(x).relu());
}
