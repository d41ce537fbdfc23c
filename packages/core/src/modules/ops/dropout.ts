import { hostTensor } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../../errors";
import { bernoulliData } from "../../random/bernoulli";
import type { RandomKey } from "../../random/randomKey";

/**
 * Sets each element to zero with probability `rate` and divides the others by 1 - rate, so the mean stays. The
 * mask comes from `key` at every run of a traced function. Without a key, or at rate 0, it is the identity.
 *
 * @param x Any shape.
 * @param rate In [0, 1).
 * @returns The shape of `x`; a new tensor in every case.
 * @throws SymgradError `E_RANGE` if `rate` is not in [0, 1).
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
 */
export function dropout(x: tf.Tensor, rate: number, key: RandomKey | undefined): tf.Tensor {
  if (!(rate >= 0 && rate < 1)) {
    throw new SymgradError("E_RANGE", `dropout: \`rate\` must be in [0, 1), got ${rate}.`);
  }
  if (rate === 0 || key === undefined) return tf.clone(x);
  return tf.tidy(() => {
    const mask = () => bernoulliData(key, x.size, 1 - rate, 1 / (1 - rate));
    return x.mul(hostTensor(x.shape, "float32", mask));
  });
}
