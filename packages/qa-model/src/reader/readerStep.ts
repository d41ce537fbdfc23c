import {
  type AdamW,
  clipByGlobalNorm,
  type JitFunction,
  jit,
  type RandomKey,
  valueAndGradients,
} from "@symgrad/core";
import type { ArgumentLoss } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import type { Reader } from "./reader";
import type { TargetInputs } from "./readerBatch";
import { readerLoss } from "./readerLoss";
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

/** Forward pass, losses, gradients, clipping and update of a reader as one function: one graph per batch shape. */
export function createReaderStep(
  reader: Reader,
  optimizer: AdamW,
  options: { argumentLoss: ArgumentLoss | undefined; clip: number },
): ReaderStep {
  const parameters = reader.parameters();
  const dropout = reader.config.hidden_dropout_prob > 0;
  return jit(
    (inputs: ReaderInputs, targets: TargetInputs, key: RandomKey, learningRate: tf.Scalar) => {
      const metrics: tf.Tensor[] = [];
      const { gradients } = valueAndGradients(() => {
        const { total, end, argument, covered, computed } = readerLoss(reader.model, inputs, targets, {
          layer: reader.layer,
          argumentLoss: options.argumentLoss,
          noise: key.fold("noise"),
          ...(dropout ? { dropout: key.fold("dropout") } : {}),
        });
        for (const metric of [total, end, argument, covered, computed]) metrics.push(tf.keep(metric.clone()));
        return total;
      }, parameters);
      const clipped = clipByGlobalNorm(gradients, options.clip);
      optimizer.apply(clipped.gradients, learningRate);
      const result = tf.stack([...metrics, clipped.norm]) as tf.Tensor1D;
      tf.dispose(metrics);
      return result;
    },
    { name: "reader.train" },
  );
}
