import * as tf from "@tensorflow/tfjs";
import type { ChooseOptions, LossFunction, SampledEstimator } from "../estimator";
import { assertLogits } from "./assertLogits";
import { attachGradient, withZeroGradient } from "./attachGradient";
import { type Draw, draw } from "./draw";
import { lossOf } from "./lossOf";
import { withoutGradient } from "./withoutGradient";

/** What a baseline may look at. All of it is off the gradient tape. */
export interface BaselineInputs {
  /** l(D_j), `[batch]` each. */
  losses: tf.Tensor1D[];
  draws: Draw[];
  logits: tf.Tensor2D;
  loss: LossFunction;
  options: ChooseOptions;
}

/** The number taken off each sample's loss, `[batch]` each; it must not depend on that sample. */
export type Baseline = (inputs: BaselineInputs) => tf.Tensor[];

export interface ScoreRule {
  /** Independent samples per row. */
  samples: number;
  baseline: Baseline;
  /** The loss is also called at the noise-free argmax, after the samples. */
  argmax?: boolean;
}

/**
 * The score function estimator: mean over j of (l(D_j) - b_j) (D_j - pi). The value is the mean of the losses at the
 * samples, and so is what the variables in `loss` see.
 */
export function scoreEstimator(name: string, { samples, baseline, argmax }: ScoreRule): SampledEstimator {
  const drawAll = (logits: tf.Tensor2D, { mask, key }: ChooseOptions): Draw[] => {
    assertLogits(name, logits, mask);
    if (key === undefined) return [draw(logits, mask)];
    return Array.from({ length: samples }, (_, j) => draw(logits, mask, key.fold(j)));
  };
  return {
    name,
    needs: "sampled",
    sample: (logits, options = {}) =>
      tf.tidy(() => {
        const draws = drawAll(logits, options);
        if (argmax && options.key !== undefined) draws.push(draw(logits, options.mask));
        return draws.map(({ index }) => index);
      }),
    expectedLoss: (logits, loss, options = {}) =>
      tf.tidy(() => {
        const draws = drawAll(logits, options);
        const losses = draws.map(({ oneHot }) => lossOf(name, loss, oneHot));
        const value = meanOf(losses) as tf.Tensor1D;
        if (options.key === undefined) return withZeroGradient(value, logits);
        const constants = withoutGradient<tf.Tensor1D[]>(() => losses.map((values) => tf.clone(values)));
        const inputs = { losses: constants, draws, logits, loss, options };
        const baselines = baseline(inputs);
        const [gradient] = withoutGradient<[tf.Tensor2D]>(() => {
          const terms = draws.map(({ oneHot, probs }, j) => {
            const advantage = tf.sub(constants[j]!, baselines[j]!);
            return tf.mul(tf.expandDims(advantage, 1), tf.sub(oneHot, probs));
          });
          return [meanOf(terms) as tf.Tensor2D];
        });
        return attachGradient(value, logits, gradient);
      }),
  };
}

function meanOf(terms: tf.Tensor[]): tf.Tensor {
  return terms.length === 1 ? terms[0]! : tf.div(tf.addN(terms), terms.length);
}
