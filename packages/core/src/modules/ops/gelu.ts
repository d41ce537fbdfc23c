import type * as tf from "@tensorflow/tfjs";
import { differentiable } from "../../internal/differentiable";

/**
 * x Phi(x), with Phi the standard normal distribution function, exact by erf (not the tanh approximation).
 * The gradient Phi(x) + x phi(x) is written out and reuses Phi from the forward pass.
 *
 * @param x Any shape.
 * @returns The shape of `x`.
 * @see Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
export const gelu = differentiable((save, x: tf.Tensor) => {
  const cumulative = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
  save([x, cumulative]);
  return {
    value: x.mul(cumulative),
    gradient: (cotangent, saved) => {
      const [x, cumulative] = saved as [tf.Tensor, tf.Tensor];
      const density = x
        .square()
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI));
      return [cotangent.mul(cumulative.add(x.mul(density)))];
    },
  };
});
