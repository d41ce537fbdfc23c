import { fusedGelu } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { differentiable } from "../../internal/differentiable";

/**
 * x Phi(x), with Phi the standard normal distribution function, exact by erf (not the tanh approximation).
 * The gradient Phi(x) + x phi(x) is written out.
 *
 * @param x Any shape.
 * @returns The shape of `x`.
 * @see Hendrycks and Gimpel 2016, arXiv:1606.08415.
 */
export const gelu = differentiable((save, x: tf.Tensor) => {
  save([x]);
  return {
    value: geluValue(x),
    gradient: (cotangent, saved) => [cotangent.mul(0.5).mul(geluSlope(saved[0]!).doubledSlope)],
  };
});

/** The function without a gradient of its own. */
export function geluValue(x: tf.Tensor): tf.Tensor {
  return fusedGelu(x) ?? x.mul(x.mul(Math.SQRT1_2).erf().add(1).mul(0.5));
}

/**
 * With u = x / sqrt(2): twice the slope, 1 + erf(u) + 2 / sqrt(pi) u exp(-u^2), and the value times sqrt(2),
 * u (1 + erf(u)). The factors are left to the caller, who has smaller tensors to multiply them to.
 */
export function geluSlope(x: tf.Tensor): { doubledSlope: tf.Tensor; scaledValue: () => tf.Tensor } {
  const u = x.mul(Math.SQRT1_2);
  const doubledCumulative = u.erf().add(1);
  const density = tf.sub(Math.log(2 / Math.sqrt(Math.PI)), u.square()).exp();
  return {
    doubledSlope: u.mul(density).add(doubledCumulative),
    scaledValue: () => u.mul(doubledCumulative),
  };
}
