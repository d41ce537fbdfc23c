import { oneHot, type RandomKey } from "@symgrad/core";
import { type ArgumentLoss, gatherChoice, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";

import { scaleGradient } from "../internal/scaleGradient";
import { type EndLossResult, endLoss } from "../losses/endLoss";
import { type MarginalReading, readMarginal } from "./marginalReading";
import type { TargetInputs } from "./readerBatch";
import type { EmbeddedText, ReaderInputs, ReaderModel } from "./readerModel";
import { withResultSpans } from "./resultSpans";
import type { TrainedPart } from "./trainedParameters";

export interface ReaderLossOptions {
  /** Needed where the model has a calculator. */
  layer?: SymbolicLayer | undefined;
  /** Learns from the tuples that compute the answer; undefined: from the end loss alone. */
  argumentLoss?: ArgumentLoss | undefined;
  /** Which losses count: "terms" the argument loss alone, "reader" the end loss alone. Default "all". */
  train?: TrainedPart | undefined;
  /**
   * What the gradient of the end loss is multiplied by where it reaches the scores, from 0 to 1. 0: the arguments are
   * learned from the argument loss alone. Default 1; with `train: "reader"` always 0.
   */
  choiceGradient?: number | undefined;
  /** Sum over this many of the most probable candidates instead of sampling one; see {@link readMarginal}. Default 0: sample. */
  marginal?: number | undefined;
  /** Gumbel noise; without it the best tuple is taken. */
  noise?: RandomKey;
  dropout?: RandomKey;
}

export interface ReaderLoss {
  /** Mean over the batch of l_end + l_arg, nats; examples without a span or a label count as 0. */
  total: tf.Scalar;
  /** Mean over the batch, nats. */
  end: tf.Scalar;
  /** Mean over the batch, nats; 0 without a calculator. */
  argument: tf.Scalar;
  /** Share of examples whose answer has a span in the text or in the chosen result. */
  covered: tf.Scalar;
  /** Share of examples whose chosen tuple computes the answer; 0 without a calculator. */
  computed: tf.Scalar;
}

/** The training loss of a batch: l_end + l_arg. Traceable. */
export function readerLoss(
  model: ReaderModel,
  inputs: ReaderInputs,
  targets: TargetInputs,
  options: ReaderLossOptions,
): ReaderLoss {
  const { layer, train = "all", dropout } = options;
  const zero = tf.scalar(0);
  const embedded = model.embed(inputs);
  if (!model.terms || !layer || !targets.terms) {
    const spans = model.read(inputs, embedded, undefined, dropout?.fold("read"));
    const { losses, covered } = endLoss(spans.start, spans.end, spans.mask, targets);
    const end = losses.mean() as tf.Scalar;
    return { total: end, end, argument: zero, covered: covered.mean(), computed: zero };
  }
  const scores = model.scoreTuples(inputs, embedded, dropout?.fold("terms"));
  const { labels } = targets.terms;
  const { mask } = inputs.terms!.results;
  const argument = (options.argumentLoss?.(scores, mask, labels).mean() ?? zero) as tf.Scalar;
  const { losses, covered, index } =
    train === "terms"
      ? { ...nothingRead(scores), index: layer.apply(scores, inputs.terms!.results).choice.index }
      : readChosen(model, inputs, embedded, targets, scores, { ...options, layer });
  const end = losses.mean() as tf.Scalar;
  const computed = oneHot(index, scores.shape[1]).mul(labels).sum(-1).mean() as tf.Scalar;
  const total = train === "terms" ? argument : train === "reader" ? end : (end.add(argument) as tf.Scalar);
  return { total, end, argument, covered: covered.mean(), computed };
}

/** Reads with the tuple that the layer chooses, or with each of the most probable ones. */
function readChosen(
  model: ReaderModel,
  inputs: ReaderInputs,
  embedded: EmbeddedText,
  targets: TargetInputs,
  scores: tf.Tensor2D,
  options: ReaderLossOptions & { layer: SymbolicLayer },
): MarginalReading {
  const { layer, train, choiceGradient = 1, marginal = 0, noise } = options;
  const dropout = options.dropout?.fold("read");
  const taught = scaleGradient(scores, train === "reader" ? 0 : choiceGradient);
  if (marginal > 0) {
    return readMarginal(model, inputs, embedded, targets, taught, { layer, count: marginal, dropout });
  }
  const { choice, tokens } = layer.apply(taught, inputs.terms!.results, noise ? { key: noise } : {});
  const spans = model.read(inputs, embedded, tokens, dropout);
  const resultSpans = gatherChoice(targets.terms!.spans, choice.index) as tf.Tensor2D;
  const lists = withResultSpans(targets, resultSpans);
  return { ...endLoss(spans.start, spans.end, spans.mask, lists), index: choice.index };
}

function nothingRead(scores: tf.Tensor2D): EndLossResult {
  const none = tf.zeros([scores.shape[0]]) as tf.Tensor1D;
  return { losses: none, covered: none };
}
