import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../../errors";
import { assertShape } from "../../internal/assertShape";

/**
 * The negative log-probability of each row's label: logSumExp(logits) - logits[label].
 *
 * @param logits `[batch, classes]`
 * @param labels `[batch]`, int32, each from 0 to classes - 1.
 * @returns `[batch]`, in nats.
 * @throws SymgradError `E_SHAPE` if the shapes disagree, `E_DTYPE` if `labels` is not int32.
 */
export function softmaxCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor1D {
  assertShape("softmaxCrossEntropy", "logits", logits, ["batch", "classes"]);
  assertShape("softmaxCrossEntropy", "labels", labels, [logits.shape[0]!]);
  if (labels.dtype !== "int32") {
    throw new SymgradError("E_DTYPE", `softmaxCrossEntropy: \`labels\` must be int32, got ${labels.dtype}.`);
  }
  return tf.tidy(() => {
    const chosen = tf.oneHot(labels, logits.shape[1]!).cast("float32");
    return tf.logSumExp(logits, -1).sub(logits.mul(chosen).sum(-1)) as tf.Tensor1D;
  });
}
