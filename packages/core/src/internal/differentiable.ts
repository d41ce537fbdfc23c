import * as tf from "@tensorflow/tfjs";

/** What a gradient needs from the forward pass; kept until the backward pass is over. */
export type Save = (tensors: tf.Tensor[]) => void;

/** A function's value, and its cotangent's way back to each input. */
export interface Differentiable {
  value: tf.Tensor;
  gradient: (cotangent: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[];
}

/** `tf.customGrad` with types: a function of tensors whose gradient is written out. */
export function differentiable<Inputs extends tf.Tensor[]>(
  rule: (save: Save, ...inputs: Inputs) => Differentiable,
): (...inputs: Inputs) => tf.Tensor {
  return (...inputs) =>
    tf.customGrad((...given: unknown[]) => {
      const { value, gradient } = rule(
        given[inputs.length] as Save,
        ...(given.slice(0, inputs.length) as Inputs),
      );
      return { value, gradFunc: (cotangent: tf.Tensor, saved: tf.Tensor[]) => gradient(cotangent, saved) };
    })(...inputs);
}
