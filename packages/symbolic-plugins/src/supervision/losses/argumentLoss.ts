import type * as tf from "@tensorflow/tfjs";
import { binaryCrossEntropyLoss } from "./binaryCrossEntropyLoss";
import { hardEMLoss } from "./hardEMLoss";
import { marginalLikelihoodLoss } from "./marginalLikelihoodLoss";
import { topkMarginalLikelihoodLoss } from "./topkMarginalLikelihoodLoss";

/** A loss on the scores of argument tuples: `(scores, mask, labels)`, each `[batch, candidates]`, to nats, `[batch]`. */
export type ArgumentLoss = (scores: tf.Tensor2D, mask: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor1D;

/**
 * The ways to learn from the tuples that a search found to be consistent. `mml` is the default: it lets the model choose
 * among them. `bce` is the paper's, and cannot reach 0 where several are consistent. `hardEM` follows the most probable
 * one, `topkMML` the four most probable.
 */
export const argumentLosses = {
  mml: marginalLikelihoodLoss,
  bce: binaryCrossEntropyLoss,
  hardEM: hardEMLoss,
  topkMML: topkMarginalLikelihoodLoss(4),
} as const satisfies Record<string, ArgumentLoss>;
