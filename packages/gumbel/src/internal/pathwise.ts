import * as tf from "@tensorflow/tfjs";
import type { EstimatorNeeds, PathwiseEstimator } from "../estimator";
import { lossOf } from "./lossOf";

/** An estimator from its choice: the expected loss is estimated by the loss at it. */
export function pathwise(
  name: string,
  needs: EstimatorNeeds,
  choose: PathwiseEstimator["choose"],
): PathwiseEstimator {
  return {
    name,
    needs,
    choose,
    expectedLoss: (logits, loss, options) =>
      tf.tidy(() => lossOf(name, loss, choose(logits, options).weights)),
  };
}
