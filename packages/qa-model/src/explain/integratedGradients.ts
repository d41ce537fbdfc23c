import * as tf from "@tensorflow/tfjs";

export interface IntegratedGradientsOptions {
  /** Points on the way from the baseline. Default 64. */
  steps?: number | undefined;
  /** Points that are computed together. Default 8. */
  together?: number | undefined;
}

/**
 * How much each component of `at` contributes to a function's value there, compared with a baseline:
 * (x_i - b_i) times the mean of dF/dx_i on the straight way from b to x, by the midpoint rule. They sum to
 * F(x) - F(b) (completeness), up to the rule's error, which falls with the square of `steps`.
 *
 * @param gradient From points, `[points, ...]`, to F's gradient at each of them, of the same shape; called with `together`
 *   points. What it returns is disposed.
 * @param at `[...]`. @param baseline The same shape.
 * @returns The shape of `at`. The caller disposes it.
 * @see Sundararajan, Taly and Yan 2017, arXiv:1703.01365, eq. 1 and proposition 1.
 */
export async function integratedGradients(
  gradient: (points: tf.Tensor) => tf.Tensor | Promise<tf.Tensor>,
  at: tf.Tensor,
  baseline: tf.Tensor,
  { steps = 64, together = 8 }: IntegratedGradientsOptions = {},
): Promise<tf.Tensor> {
  const way = tf.sub(at, baseline);
  let total = tf.zerosLike(at);
  for (let from = 0; from < steps; from += together) {
    // The last portion is filled up with points of weight 0, so that every portion has one shape.
    const places = Array.from({ length: together }, (_, i) => Math.min(from + i, steps - 1));
    const weights = places.map((_, i) => (from + i < steps ? 1 / steps : 0));
    const column = [together, ...at.shape.map(() => 1)];
    const points = tf.tidy(() => {
      const shares = tf.tensor(
        places.map((place) => (place + 0.5) / steps),
        column,
      );
      return baseline.add(way.mul(shares));
    });
    const slopes = await gradient(points);
    const next = tf.tidy(() => total.add(slopes.mul(tf.tensor(weights, column)).sum(0)));
    tf.dispose([points, slopes, total]);
    total = next;
  }
  const attributions = tf.mul(total, way);
  tf.dispose([way, total]);
  return attributions;
}
