import { randomDirection } from "./randomDirection";

export interface CompareGradientsOptions {
  /** The function, to a number. */
  value: (x: Float64Array) => number;
  /** What is claimed to be its gradient at `x`, of the length of `x`. */
  gradient: (x: Float64Array) => ArrayLike<number>;
  /** The point. */
  x: ArrayLike<number>;
  /** Draws the directions. */
  seed: number;
  /** Number of random directions of length 1. Default 8. */
  directions?: number;
  /**
   * Distance of the two points of a central difference. Default 5e-3: in float32 1e-6 rejects every right gradient,
   * since the difference drowns in rounding.
   */
  step?: number;
}

export interface GradientComparison {
  /** Root mean square, over the directions, of claimed minus measured derivative; infinite if any is not finite. */
  difference: number;
  /** Root mean square of the larger of the two derivatives. Below 1e-2 the function is flat and agreement proves little. */
  size: number;
}

/**
 * Compares a gradient with central differences of its function along random directions.
 *
 * @example
 * const { difference, size } = compareGradients({ value, gradient, x, seed });
 * expect(difference).toBeLessThan(gradientTolerance(size));
 * @throws RangeError if the gradient has another length than `x`.
 */
export function compareGradients(options: CompareGradientsOptions): GradientComparison {
  const { value, gradient, seed, directions = 8, step = 5e-3 } = options;
  const x = Float64Array.from(options.x);
  const claimed = gradient(x.slice());
  if (claimed.length !== x.length) {
    throw new RangeError(`compareGradients: the gradient has ${claimed.length} elements, x has ${x.length}`);
  }
  let differences = 0;
  let sizes = 0;
  for (let i = 0; i < directions; i++) {
    const direction = randomDirection(seed + i * 7919, x.length);
    const along = (distance: number): number => value(x.map((xj, j) => xj + distance * direction[j]!));
    const measured = (along(step) - along(-step)) / (2 * step);
    const stated = direction.reduce((sum, dj, j) => sum + dj * claimed[j]!, 0);
    if (!Number.isFinite(measured) || !Number.isFinite(stated)) {
      return { difference: Number.POSITIVE_INFINITY, size: Number.POSITIVE_INFINITY };
    }
    differences += (stated - measured) ** 2;
    sizes += Math.max(Math.abs(stated), Math.abs(measured)) ** 2;
  }
  return { difference: Math.sqrt(differences / directions), size: Math.sqrt(sizes / directions) };
}

/**
 * The greatest `difference` of a right gradient in float32: it scales with the gradient's own size. Scaled by
 * max(1, size) instead, more than half of the gradients that are 5% too large would pass.
 */
export function gradientTolerance(size: number): number {
  return 1e-2 * size + 1e-4;
}
