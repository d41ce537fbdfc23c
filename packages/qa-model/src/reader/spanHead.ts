import { Linear, Module, type RandomKey } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/** One logit for "the answer starts here" and one for "it ends here" per token. */
export class SpanHead extends Module {
  readonly logits: Linear;

  constructor(options: { hidden: number; key: RandomKey }) {
    super();
    this.logits = new Linear({ inputs: options.hidden, outputs: 2, key: options.key });
  }

  /** From `[batch, tokens, hidden]` to `[batch, tokens]` each. */
  apply(encoded: tf.Tensor3D): { start: tf.Tensor2D; end: tf.Tensor2D } {
    const both = this.logits.apply(encoded) as tf.Tensor3D;
    const [batch, tokens] = both.shape;
    const column = (index: number) =>
      both.slice([0, 0, index], [batch, tokens, 1]).reshape([batch, tokens]) as tf.Tensor2D;
    return { start: column(0), end: column(1) };
  }
}
