import { type RandomKey, SymgradError, uniform52 } from "@symgrad/core";

export interface TsneOptions {
  /** Draws the first places. */
  readonly key: RandomKey;
  /** About how many neighbors count for each point. Default 30, and at most a third of the points. */
  readonly perplexity?: number | undefined;
  /** Default 1000. */
  readonly iterations?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** All pairs are computed: so many points take about a quarter of a minute. */
export const MOST_POINTS = 2000;

const EXAGGERATION = 12; // of the first iterations, so that clusters can pass each other
const EXAGGERATED = 250; // iterations
const LEAST_GAIN = 0.01;
const FIRST_SPREAD = 1e-4;
const ITERATIONS_AT_A_TIME = 10;

/**
 * Lays points out in the plane so that near ones stay near: t-SNE with all pairs. The same key gives the same places.
 *
 * @param points float32 [count, dimension].
 * @returns float64 [count, 2], their mean 0.
 * @throws SymgradError `E_RANGE` for more than {@link MOST_POINTS} points or an option, `E_ABORT` when `signal` aborts.
 * @see van der Maaten and Hinton 2008, "Visualizing data using t-SNE"; the learning rate is that of scikit-learn, after
 *   Belkina et al. 2019.
 */
export async function tsne(
  points: Float32Array,
  count: number,
  { key, perplexity = 30, iterations = 1000, onProgress, signal }: TsneOptions,
): Promise<Float64Array> {
  if (count > MOST_POINTS) {
    throw new SymgradError("E_RANGE", `a map of ${count} points was asked for, the most is ${MOST_POINTS}`, {
      where: "tsne",
      hint: "choose fewer words",
    });
  }
  if (!(perplexity >= 1) || !(iterations >= 0)) {
    throw new SymgradError(
      "E_RANGE",
      `perplexity is ${perplexity} and iterations ${iterations}, wanted at least 1 and 0`,
      { where: "tsne" },
    );
  }
  if (count < 2) return new Float64Array(2 * count);
  const joint = jointProbabilities(points, count, Math.min(perplexity, Math.max(1, (count - 1) / 3)));
  const places = uniform52(key, 2 * count).map((value) => FIRST_SPREAD * (value - 0.5));
  const speeds = new Float64Array(2 * count);
  const gains = new Float64Array(2 * count).fill(1);
  const gradient = new Float64Array(2 * count);
  const learningRate = Math.max(count / EXAGGERATION / 4, 50);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const early = iteration < EXAGGERATED;
    tsneGradient(joint, places, gradient, early ? EXAGGERATION : 1);
    const momentum = early ? 0.5 : 0.8;
    for (let i = 0; i < 2 * count; i++) {
      const turned = gradient[i]! > 0 === speeds[i]! > 0;
      gains[i] = Math.max(LEAST_GAIN, turned ? gains[i]! * 0.8 : gains[i]! + 0.2);
      speeds[i] = momentum * speeds[i]! - learningRate * gains[i]! * gradient[i]!;
      places[i]! += speeds[i]!;
    }
    center(places);
    if (iteration % ITERATIONS_AT_A_TIME > 0) continue;
    onProgress?.(iteration + 1, iterations);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted)
      throw new SymgradError("E_ABORT", `stopped after ${iteration} of ${iterations} iterations`);
  }
  return places;
}

/**
 * The gradient of KL(exaggeration P || Q) by the places, where Q is Student's t with one degree of freedom; and its value
 * but for the entropy of P: -sum P log Q.
 */
export function tsneGradient(
  joint: Float32Array,
  places: Float64Array,
  gradient: Float64Array,
  exaggeration = 1,
): number {
  const count = places.length / 2;
  const repulsion = new Float64Array(2 * count);
  gradient.fill(0);
  let sum = 0;
  let loss = 0;
  for (let i = 1; i < count; i++) {
    const x = places[2 * i]!;
    const y = places[2 * i + 1]!;
    for (let j = 0; j < i; j++) {
      const dx = x - places[2 * j]!;
      const dy = y - places[2 * j + 1]!;
      const squared = dx * dx + dy * dy;
      const closeness = 1 / (1 + squared);
      const probability = joint[i * count + j]!;
      const pull = probability * closeness;
      const push = closeness * closeness;
      gradient[2 * i]! += pull * dx;
      gradient[2 * i + 1]! += pull * dy;
      gradient[2 * j]! -= pull * dx;
      gradient[2 * j + 1]! -= pull * dy;
      repulsion[2 * i]! += push * dx;
      repulsion[2 * i + 1]! += push * dy;
      repulsion[2 * j]! -= push * dx;
      repulsion[2 * j + 1]! -= push * dy;
      sum += 2 * closeness;
      loss += 2 * probability * Math.log1p(squared);
    }
  }
  for (let i = 0; i < gradient.length; i++) {
    gradient[i] = 4 * (exaggeration * gradient[i]! - repulsion[i]! / sum);
  }
  return loss + Math.log(sum);
}

/** P [count, count], sums to 1: how probable neighbors are, the same number of them for each point. */
export function jointProbabilities(points: Float32Array, count: number, perplexity: number): Float32Array {
  const distances = squaredDistances(points, count);
  const joint = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    const row = neighborProbabilities(distances.subarray(i * count, (i + 1) * count), i, perplexity);
    for (let j = 0; j < count; j++) {
      joint[i * count + j]! += row[j]! / (2 * count);
      joint[j * count + i]! += row[j]! / (2 * count);
    }
  }
  return joint;
}

/** A normal density of the distances to `own`, as wide as gives this perplexity, e to the entropy in nats. */
export function neighborProbabilities(
  distances: Float32Array,
  own: number,
  perplexity: number,
): Float64Array {
  const wanted = Math.log(perplexity);
  const probabilities = new Float64Array(distances.length);
  const nearest = distances.reduce(
    (least, value, j) => (j === own ? least : Math.min(least, value)),
    Infinity,
  );
  let precision = 1;
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < 100; attempt++) {
    let sum = 0;
    let weighted = 0;
    for (let j = 0; j < distances.length; j++) {
      const distance = distances[j]! - nearest; // shifting changes nothing, and keeps the exponential above 0
      const weight = j === own ? 0 : Math.exp(-precision * distance);
      probabilities[j] = weight;
      sum += weight;
      weighted += weight * distance;
    }
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    for (let j = 0; j < distances.length; j++) probabilities[j]! /= sum;
    if (Math.abs(entropy - wanted) < 1e-7) break;
    if (entropy > wanted) low = precision;
    else high = precision;
    precision = high === Number.POSITIVE_INFINITY ? precision * 2 : (low + high) / 2;
  }
  return probabilities;
}

function squaredDistances(points: Float32Array, count: number): Float32Array {
  const dimension = points.length / count;
  const distances = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) {
        const difference = points[i * dimension + k]! - points[j * dimension + k]!;
        sum += difference * difference;
      }
      distances[i * count + j] = sum;
      distances[j * count + i] = sum;
    }
  }
  return distances;
}

function center(places: Float64Array): void {
  const count = places.length / 2;
  for (const axis of [0, 1]) {
    let mean = 0;
    for (let i = axis; i < places.length; i += 2) mean += places[i]! / count;
    for (let i = axis; i < places.length; i += 2) places[i]! -= mean;
  }
}
