import type * as tf from "@tensorflow/tfjs";
import { binaryCrossEntropyLoss } from "./binaryCrossEntropyLoss";
import { marginalLikelihoodLoss } from "./marginalLikelihoodLoss";

/** A loss on the scores of argument tuples: `(scores, mask, labels)`, each `[batch, candidates]`, to nats, `[batch]`. */
export type ArgumentLoss = (scores: tf.Tensor2D, mask: tf.Tensor2D, labels: tf.Tensor2D) => tf.Tensor1D;

/** The ways to learn from the tuples that a search found; `none` learns from the end loss alone. */
export const ARGUMENT_LOSSES = {
  mml: marginalLikelihoodLoss,
  bce: binaryCrossEntropyLoss,
  none: undefined,
} as const satisfies Record<string, ArgumentLoss | undefined>;

export type ArgumentLossName = keyof typeof ARGUMENT_LOSSES;
