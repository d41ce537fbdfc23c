import * as tf from "@tensorflow/tfjs";
import type { Baseline } from "./scoreEstimator";
import { withoutGradient } from "./withoutGradient";

/** Each sample's baseline is the mean of the others' losses: (sum - l_j) / (n - 1). */
export const leaveOneOut: Baseline = ({ losses }) =>
  withoutGradient<tf.Tensor1D[]>(() => {
    const total = tf.addN(losses);
    return losses.map((loss) => tf.div(tf.sub(total, loss), losses.length - 1) as tf.Tensor1D);
  });
