import type { RandomKey } from "@symgrad/core";
import { type ArgumentLoss, gatherChoice, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { scaleGradient } from "../internal/scaleGradient";
import { answerLoss } from "../losses/answerLoss";
import type { EndLossResult, SpanLists } from "../losses/endLoss";
import { readMarginal } from "./marginalReading";
import type { TargetInputs } from "./readerBatch";
import {
  afterChoice,
  type EmbeddedText,
  type ReaderInputs,
  type ReaderModel,
  type StageChoice,
} from "./readerModel";
import { withResultSpans } from "./resultSpans";
import type { TrainedPart } from "./trainedParameters";

export interface ReaderLossOptions {
  /** The functions, one layer for each stage of the model; none without a calculator. */
  layers?: readonly SymbolicLayer[] | undefined;
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
  /** Share of examples for which the (last) chosen tuple computes the answer; 0 without a calculator. */
  computed: tf.Scalar;
}

/**
 * The training loss of a batch: l_end + l_arg. With several functions l_arg is the sum over them: of each among the
 * candidates with which the answer can still be computed, given what the functions before it were called with. Traceable.
 */
export function readerLoss(
  model: ReaderModel,
  inputs: ReaderInputs,
  targets: TargetInputs,
  options: ReaderLossOptions,
): ReaderLoss {
  const { layers = [], train = "all", dropout, noise, choiceGradient = 1, marginal = 0 } = options;
  const zero = tf.scalar(0);
  const embedded = model.embed(inputs);
  if (layers.length === 0) {
    const spans = model.read(inputs, embedded, [], dropout?.fold("read"));
    const { losses, covered } = answerLoss(spans, targets, targets.heads);
    const end = losses.mean() as tf.Scalar;
    return { total: end, end, argument: zero, covered: covered.mean(), computed: zero };
  }
  const passed = train === "reader" ? 0 : choiceGradient;
  // What is only scored, or summed over, needs no sample.
  const isSampled = train !== "terms" && marginal === 0;
  const stages = model.choose(inputs, embedded, layers, {
    dropout,
    noise: isSampled ? noise : undefined,
    choiceGradient: passed,
  });
  const argument = argumentLoss(stages, targets, options.argumentLoss);
  const { losses, covered } =
    train === "terms"
      ? nothingRead(inputs)
      : marginal > 0
        ? readMarginal(model, inputs, embedded, targets, scaleGradient(stages[0]!.scores, passed), {
            layer: layers[0]!,
            count: marginal,
            dropout: dropout?.fold("read"),
          })
        : readChosen(model, inputs, embedded, targets, stages, dropout?.fold("read"));
  const end = losses.mean() as tf.Scalar;
  const { labels } = targets.stages.at(-1)!;
  const computed = gatherChoice(labels, stages.at(-1)!.called.joint.index).mean() as tf.Scalar;
  const total = train === "terms" ? argument : train === "reader" ? end : (end.add(argument) as tf.Scalar);
  return { total, end, argument, covered: covered.mean(), computed };
}

/** Mean over the batch, nats. */
function argumentLoss(
  stages: readonly StageChoice[],
  targets: TargetInputs,
  loss: ArgumentLoss | undefined,
): tf.Scalar {
  if (!loss) return tf.scalar(0);
  const means = stages.map(({ scores, mask }, stage) => {
    const labels = afterChoice(targets.stages[stage]!.labels, stages[stage - 1]?.called);
    return loss(scores, mask, labels).mean() as tf.Scalar;
  });
  return means.reduce((a, b) => a.add(b) as tf.Scalar);
}

/** Reads with what was chosen. */
function readChosen(
  model: ReaderModel,
  inputs: ReaderInputs,
  embedded: EmbeddedText,
  targets: TargetInputs,
  stages: readonly StageChoice[],
  dropout: RandomKey | undefined,
): EndLossResult {
  const tokens = stages.map(({ called }) => called.tokens);
  const spans = model.read(inputs, embedded, tokens, dropout);
  const lists = stages.reduce<SpanLists>(
    (all, { called }, stage) =>
      withResultSpans(all, gatherChoice(targets.stages[stage]!.spans, called.joint.index) as tf.Tensor2D),
    targets,
  );
  return answerLoss(spans, lists, targets.heads);
}

function nothingRead({ ids }: ReaderInputs): EndLossResult {
  const none = tf.zeros([ids.shape[0]]) as tf.Tensor1D;
  return { losses: none, covered: none };
}
