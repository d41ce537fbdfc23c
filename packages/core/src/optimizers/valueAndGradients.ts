import * as tf from "@tensorflow/tfjs";
import { assertShape } from "../internal/assertShape";

export interface ValueAndGradients {
  /** The loss. */
  value: tf.Scalar;
  /** One tensor per parameter that the loss depends on, of the parameter's shape, under the parameter's name. */
  gradients: Map<string, tf.Tensor>;
}

/**
 * Runs `loss` and differentiates it.
 *
 * @param parameters As `Module.parameters()` gives them. A parameter that the loss does not depend on has no gradient
 *   in the result, as in PyTorch, and an optimizer leaves it alone.
 * @returns Value and gradients; the caller disposes them, or calls this inside `tf.tidy` or `jit`.
 * @throws SymgradError `E_SHAPE` if the loss is not a scalar.
 */
export function valueAndGradients(
  loss: () => tf.Tensor,
  parameters: ReadonlyMap<string, tf.Variable>,
): ValueAndGradients {
  const { value, grads } = tf.variableGrads(() => {
    const result = loss();
    assertShape("valueAndGradients", "loss()", result, [], "reduce it first: loss.mean()");
    return result as tf.Scalar;
  }, [...parameters.values()]);
  const gradients = new Map<string, tf.Tensor>();
  for (const [name, variable] of parameters) {
    const gradient = grads[variable.name];
    if (gradient !== undefined && gradient !== null) gradients.set(name, gradient);
  }
  return { value, gradients };
}
