import { AdamW, jit, type RandomKey, SymgradError, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Estimator, StatefulEstimator } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { exactGradient } from "./exactGradient";
import type { GradientProblem } from "./gradientProblem";

/** How one estimator did. Every size is relative to that of the exact gradient. */
export interface GradientReportRow {
  /** Its name. */
  estimator: string;
  /** |mean gradient - exact| / |exact|. */
  bias: number;
  /** standardDeviation / sqrt(samples): how large a bias an unbiased estimator shows by chance. */
  standardError: number;
  /** sqrt(sum of the coordinates' variances) / |exact|. */
  standardDeviation: number;
  /** Mean cosine of a single estimate with the exact gradient; an estimate of 0 counts as 0. */
  cosine: number;
  /** Calls of the loss per estimate. */
  evaluations: number;
  /** Milliseconds per estimate, in large batches. */
  ms: number;
}

export interface GradientReportOptions {
  /** Gradients drawn of each estimator. Default 10,000. */
  samples?: number;
  /** Names the draws. */
  key: RandomKey;
  /** Gradients drawn at once. Default 2,000. */
  batch?: number;
  /** Steps on batches of 256 in which a stateful estimator may learn before it is measured. Default 200. */
  warmUpSteps?: number;
  onProgress?: (done: number, total: number, estimator: string) => void;
  signal?: AbortSignal | undefined;
}

/** Losses in single precision know no smaller relative differences: they are reported as 0. */
const resolution = 1e-5;

/**
 * Measures gradient estimators against the exact gradient, which enumeration gives.
 *
 * @param problem One of `gradientProblem`, or your own.
 * @param estimators Those with variables learn on the problem first.
 * @returns One row per estimator, in their order.
 * @throws SymgradError `E_RANGE` for sizes that are not integers of at least 1, or if the exact gradient is 0 or not
 *   finite, so that nothing can be relative to it; `E_ABORT` when `signal` aborts.
 */
export async function gradientReport(
  problem: GradientProblem,
  estimators: readonly Estimator[],
  options: GradientReportOptions,
): Promise<GradientReportRow[]> {
  const { samples = 10_000, key, batch = 2_000, warmUpSteps = 200, onProgress, signal } = options;
  assertCount("gradientReport", "samples", samples);
  assertCount("gradientReport", "batch", batch);
  assertCount("gradientReport", "warmUpSteps", warmUpSteps, 0);
  const rows: GradientReportRow[] = [];
  for (const estimator of estimators) {
    const own = key.fold(estimator.name);
    const exact = exactGradient(problem, estimator.objective);
    if (isStateful(estimator)) await warmUp(problem, estimator, warmUpSteps, own.fold("warm up"));
    const evaluations = countEvaluations(problem, estimator, own);
    const statistics = new GradientStatistics(exact);
    const size = Math.min(batch, samples);
    const draw = gradientDraws(problem, estimator, size);
    await draw(own.fold("compile"));
    let ms = 0;
    for (let done = 0; done < samples; done += size) {
      if (signal?.aborted) throw new SymgradError("E_ABORT", `gradientReport: aborted in ${estimator.name}.`);
      const began = performance.now();
      const gradients = await draw(own.fold(done));
      ms += performance.now() - began;
      statistics.add(gradients, Math.min(size, samples - done));
      onProgress?.(
        rows.length * samples + Math.min(done + size, samples),
        estimators.length * samples,
        estimator.name,
      );
    }
    await draw.dispose();
    const perEstimate = ms / (Math.ceil(samples / size) * size);
    rows.push({ estimator: estimator.name, ...statistics.result(), evaluations, ms: perEstimate });
  }
  return rows;
}

function isStateful(estimator: Estimator): estimator is StatefulEstimator {
  return "parameters" in estimator;
}

function tiled({ logits }: GradientProblem, rows: number): tf.Tensor2D {
  return tf.tidy(() => tf.tile(tf.tensor2d([logits as number[]]), [rows, 1]));
}

/** One gradient per row of a batch, each of its own draw. */
function gradientDraws(problem: GradientProblem, estimator: Estimator, size: number) {
  const logits = tiled(problem, size);
  const step = jit((at: tf.Tensor2D, random: RandomKey) =>
    tf.grad((s) => tf.sum(estimator.expectedLoss(s as tf.Tensor2D, problem.loss, { key: random })))(at),
  );
  const draw = async (random: RandomKey): Promise<Float32Array> => {
    const gradients = await step(logits, random);
    const data = await gradients.data<"float32">();
    gradients.dispose();
    return data;
  };
  const dispose = async () => {
    logits.dispose();
    await step.dispose();
  };
  return Object.assign(draw, { dispose });
}

async function warmUp(
  problem: GradientProblem,
  estimator: StatefulEstimator,
  steps: number,
  random: RandomKey,
): Promise<void> {
  const parameters = new Map([...estimator.parameters()].filter(([, { trainable }]) => trainable));
  const optimizer = new AdamW({ parameters, weightDecay: 0 });
  const [logits, rate] = [tiled(problem, 256), tf.scalar(0.01)];
  const step = jit((at: tf.Tensor2D, learningRate: tf.Scalar, stepKey: RandomKey) =>
    tf.tidy(() => {
      const loss = () => tf.mean(estimator.expectedLoss(at, problem.loss, { key: stepKey })) as tf.Scalar;
      if (parameters.size === 0) return loss();
      const { value, gradients } = valueAndGradients(loss, parameters);
      optimizer.apply(gradients, learningRate);
      return value;
    }),
  );
  for (let i = 0; i < steps; i++) (await step(logits, rate, random.fold(i))).dispose();
  await step.dispose();
  optimizer.dispose();
  tf.dispose([logits, rate]);
}

function countEvaluations(problem: GradientProblem, estimator: Estimator, random: RandomKey): number {
  let calls = 0;
  const logits = tiled(problem, 1);
  const counted = (weights: tf.Tensor2D) => {
    calls++;
    return problem.loss(weights);
  };
  estimator.expectedLoss(logits, counted, { key: random }).dispose();
  logits.dispose();
  return calls;
}

/** Sums over the draws, of differences from the exact gradient, so that nothing is lost where they are small. */
class GradientStatistics {
  private count = 0;
  private cosines = 0;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly size: number;

  constructor(private readonly exact: Float64Array) {
    this.sums = new Float64Array(exact.length);
    this.squares = new Float64Array(exact.length);
    this.size = Math.hypot(...exact);
  }

  /** @param gradients Rows of as many numbers as the exact gradient has; the first `rows` are counted. */
  add(gradients: Float32Array, rows: number): void {
    const width = this.exact.length;
    for (let row = 0; row < rows; row++) {
      let [inner, square] = [0, 0];
      for (let i = 0; i < width; i++) {
        const value = gradients[row * width + i]!;
        const difference = value - this.exact[i]!;
        this.sums[i]! += difference;
        this.squares[i]! += difference * difference;
        inner += value * this.exact[i]!;
        square += value * value;
      }
      if (square > 0) this.cosines += inner / (Math.sqrt(square) * this.size);
    }
    this.count += rows;
  }

  result(): Pick<GradientReportRow, "bias" | "standardError" | "standardDeviation" | "cosine"> {
    const means = this.sums.map((sum) => sum / this.count);
    const variance = this.squares.reduce(
      (total, square, i) => total + Math.max(0, square / this.count - means[i]! ** 2),
      0,
    );
    const unbiased = this.count > 1 ? (variance * this.count) / (this.count - 1) : variance;
    const standardDeviation = resolved(Math.sqrt(unbiased) / this.size);
    return {
      bias: resolved(Math.hypot(...means) / this.size),
      standardError: standardDeviation / Math.sqrt(this.count),
      standardDeviation,
      cosine: this.cosines / this.count,
    };
  }
}

function resolved(value: number): number {
  return value < resolution ? 0 : value;
}
