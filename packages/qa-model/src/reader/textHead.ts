import { Linear, Module, type RandomKey } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";

/** Logits of a few classes for a whole text: a 2-layer ReLU network of the vector of [CLS]. */
export class TextHead extends Module {
  readonly hidden: Linear;
  readonly logits: Linear;

  constructor(options: { hidden: number; classes: number; key: RandomKey }) {
    super();
    const { hidden, classes, key } = options;
    this.hidden = new Linear({ inputs: hidden, outputs: hidden, key: key.fold("hidden") });
    this.logits = new Linear({ inputs: hidden, outputs: classes, key: key.fold("logits") });
  }

  /** From `[batch, hidden]` to `[batch, classes]`. */
  apply(vectors: tf.Tensor2D): tf.Tensor2D {
    return this.logits.apply((this.hidden.apply(vectors) as tf.Tensor2D).relu()) as tf.Tensor2D;
  }
}
