import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";

export interface ClippedGradients {
  /** The gradients, all scaled by the same factor, under their names. */
  gradients: Map<string, tf.Tensor>;
  /** The norm before clipping. */
  norm: tf.Scalar;
}

const largestFloat32 = 3.4028234663852886e38;

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), where norm is the Euclidean norm of all of them together.
 * If the norm is infinite or not a number the gradients pass unchanged, so that the failure shows in what follows
 * and is never turned into an update of zero.
 *
 * @param maxNorm Above 0.
 * @returns New tensors; the caller disposes both these and the ones passed in.
 * @throws SymgradError `E_RANGE` if `maxNorm` is not above 0.
 * @see Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, algorithm 1; the 1e-6 is PyTorch's.
 */
export function clipByGlobalNorm(
  gradients: ReadonlyMap<string, tf.Tensor>,
  maxNorm: number,
): ClippedGradients {
  if (!(maxNorm > 0)) {
    throw new SymgradError("E_RANGE", `clipByGlobalNorm: \`maxNorm\` must be above 0, got ${maxNorm}.`);
  }
  const names = [...gradients.keys()];
  const [norm, ...clipped] = tf.tidy(() => {
    const squares = [...gradients.values()].map((gradient) => gradient.square().sum());
    const norm = squares.length === 0 ? tf.scalar(0) : tf.stack(squares).sum().sqrt();
    const divisor = norm.add(1e-6);
    const tooLong = divisor.greater(maxNorm).logicalAnd(norm.lessEqual(largestFloat32));
    const scale = tf.where(tooLong, tf.div(maxNorm, divisor), tf.scalar(1));
    return [norm, ...[...gradients.values()].map((gradient) => gradient.mul(scale))];
  });
  return {
    gradients: new Map(names.map((name, i) => [name, clipped[i]!])),
    norm: norm as tf.Scalar,
  };
}
