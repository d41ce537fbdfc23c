import {
  clipByGlobalNorm,
  type JitFunction,
  jit,
  type Optimizer,
  type RandomKey,
  valueAndGradients,
} from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Reader } from "./reader";
import type { TargetInputs } from "./readerBatch";
import { type ReaderLossOptions, readerLoss } from "./readerLoss";
import type { ReaderInputs } from "./readerModel";

/** The values of a step's result, in their order. */
export const STEP_METRICS = [
  "loss",
  "endLoss",
  "argumentLoss",
  "covered",
  "computed",
  "gradientNorm",
] as const;

/** Runs one training step and returns `STEP_METRICS` as one tensor, `[6]`, which the caller disposes. */
export type ReaderStep = JitFunction<
  [inputs: ReaderInputs, targets: TargetInputs, key: RandomKey, learningRate: tf.Scalar],
  tf.Tensor1D
>;

export interface ReaderStepOptions
  extends Pick<ReaderLossOptions, "argumentLoss" | "train" | "choiceGradient" | "marginal"> {
  /** Largest norm of all gradients together. */
  clip: number;
  /** Those that learn. Default: all of the reader's. */
  parameters?: ReadonlyMap<string, tf.Variable> | undefined;
}

/** Forward pass, losses, gradients, clipping and update of a reader as one function: one graph per batch shape. */
export function createReaderStep(
  reader: Reader,
  optimizer: Optimizer,
  options: ReaderStepOptions,
): ReaderStep {
  return jit(
    (inputs: ReaderInputs, targets: TargetInputs, key: RandomKey, learningRate: tf.Scalar) => {
      const { gradients, metrics } = lossGradients(reader, inputs, targets, key, options);
      const clipped = clipByGlobalNorm(gradients, options.clip);
      optimizer.apply(clipped.gradients, learningRate);
      const result = tf.stack([...metrics, clipped.norm]) as tf.Tensor1D;
      tf.dispose(metrics);
      return result;
    },
    { name: "reader.train" },
  );
}

/** A step whose gradients are the mean over several batches. */
export interface AccumulatingStep {
  /** Adds a batch's gradients to the sum; returns `STEP_METRICS` but the last, `[5]`, which the caller disposes. */
  add: JitFunction<[inputs: ReaderInputs, targets: TargetInputs, key: RandomKey], tf.Tensor1D>;
  /** Updates with the mean, and begins a new sum; returns the gradients' norm, which the caller disposes. */
  update: JitFunction<[learningRate: tf.Scalar], tf.Scalar>;
  dispose(): void;
}

/**
 * The same step in two parts, for batches that memory does not hold at once: `count` calls of `add`, of batches of one
 * size, then `update`.
 */
export function createAccumulatingStep(
  reader: Reader,
  optimizer: Optimizer,
  options: ReaderStepOptions & { count: number },
): AccumulatingStep {
  const parameters = options.parameters ?? reader.parameters();
  const sums = new Map(
    [...parameters].map(([name, { shape }]) => [name, tf.tidy(() => tf.variable(tf.zeros(shape), false))]),
  );
  // A parameter that no loss depends on is not updated: it would only decay.
  const touched = new Set<string>();
  const add = jit(
    (inputs: ReaderInputs, targets: TargetInputs, key: RandomKey) => {
      const { gradients, metrics } = lossGradients(reader, inputs, targets, key, options);
      for (const [name, gradient] of gradients) {
        touched.add(name);
        const sum = sums.get(name)!;
        sum.assign(sum.add(gradient.div(options.count)));
      }
      const result = tf.stack(metrics) as tf.Tensor1D;
      tf.dispose(metrics);
      return result;
    },
    { name: "reader.accumulate" },
  );
  const update = jit(
    (learningRate: tf.Scalar) => {
      const mean = new Map([...touched].map((name) => [name, sums.get(name)!.clone()]));
      const { gradients, norm } = clipByGlobalNorm(mean, options.clip);
      optimizer.apply(gradients, learningRate);
      for (const name of touched) sums.get(name)!.assign(tf.zeros(sums.get(name)!.shape));
      return norm;
    },
    { name: "reader.update" },
  );
  return {
    add,
    update,
    dispose() {
      add.dispose();
      update.dispose();
      for (const sum of sums.values()) sum.dispose();
    },
  };
}

/** The gradients of a batch's loss, and the metrics but for their norm. */
function lossGradients(
  reader: Reader,
  inputs: ReaderInputs,
  targets: TargetInputs,
  key: RandomKey,
  { parameters, clip: _, ...options }: ReaderStepOptions,
): { gradients: Map<string, tf.Tensor>; metrics: tf.Tensor[] } {
  const metrics: tf.Tensor[] = [];
  const dropout = reader.config.hidden_dropout_prob > 0;
  const { gradients } = valueAndGradients(() => {
    const { total, end, argument, covered, computed } = readerLoss(reader.model, inputs, targets, {
      ...options,
      layers: reader.layers,
      noise: key.fold("noise"),
      ...(dropout ? { dropout: key.fold("dropout") } : {}),
    });
    for (const metric of [total, end, argument, covered, computed]) metrics.push(tf.keep(metric.clone()));
    return total;
  }, parameters ?? reader.parameters());
  return { gradients, metrics };
}
