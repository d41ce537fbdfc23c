import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { RandomKey } from "../random/randomKey";
import { createParameter, type Initializer, normalInitializer } from "./initializers";
import { Module } from "./module";

export interface EmbeddingOptions {
  rows: number;
  hidden: number;
  /** Names the first weights. */
  key: RandomKey;
  /** Of the first weights, which are normal with mean 0. Default 1, as in PyTorch. */
  standardDeviation?: number;
  /** The first weights, `[rows, hidden]`. Default: as `standardDeviation` says. */
  initializer?: Initializer;
}

/** One learned vector per id. */
export class Embedding extends Module {
  /** `[rows, hidden]` */
  readonly weight: tf.Variable;

  constructor({
    rows,
    hidden,
    key,
    standardDeviation = 1,
    initializer = normalInitializer(standardDeviation),
  }: EmbeddingOptions) {
    super();
    this.weight = createParameter([rows, hidden], initializer(key, [rows, hidden]));
  }

  /**
   * @param ids `[...]`, int32, each from 0 to rows - 1 (not checked: that would read the tensor back).
   * @returns `[..., hidden]`
   * @throws SymgradError `E_DTYPE` if `ids` is not int32.
   */
  apply(ids: tf.Tensor): tf.Tensor {
    if (ids.dtype !== "int32") {
      throw new SymgradError("E_DTYPE", `Embedding: \`ids\` must be int32, got ${ids.dtype}.`, {
        hint: 'create them as tf.tensor(values, shape, "int32")',
      });
    }
    const hidden = this.weight.shape[1]!;
    return tf.tidy(() =>
      tf.gather(this.weight as tf.Tensor, ids.reshape([-1]) as tf.Tensor1D).reshape([...ids.shape, hidden]),
    );
  }
}
