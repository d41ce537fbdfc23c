import { oneHot, type RandomKey } from "@symgrad/core";
import { type ArgumentLoss, gatherChoice, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";

import { endLoss, type SpanLists } from "../losses/endLoss";
import type { TargetInputs } from "./readerBatch";
import type { ReaderInputs, ReaderModel } from "./readerModel";

export interface ReaderLossOptions {
  /** Needed where the model has a calculator. */
  layer?: SymbolicLayer | undefined;
  /** Learns from the tuples that compute the answer; undefined: from the end loss alone. */
  argumentLoss?: ArgumentLoss | undefined;
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
  const keys = {
    ...(options.noise ? { noise: options.noise } : {}),
    ...(options.dropout ? { dropout: options.dropout } : {}),
  };
  const { scores, called, spans } = model.forward(inputs, options.layer, keys);
  let lists: SpanLists = targets;
  let argument = tf.scalar(0);
  let computed = tf.scalar(0);
  if (scores && called && targets.terms) {
    lists = withResultSpans(targets, gatherChoice(targets.terms.spans, called.choice.index) as tf.Tensor2D);
    const { labels } = targets.terms;
    const { mask } = inputs.terms!.results;
    if (options.argumentLoss) argument = options.argumentLoss(scores, mask, labels).mean();
    const chosen = oneHot(called.choice.index, scores.shape[1]);
    computed = chosen.mul(labels).sum(-1).mean();
  }
  const { losses, covered } = endLoss(spans.start, spans.end, spans.mask, lists);
  const end = losses.mean() as tf.Scalar;
  return { total: end.add(argument), end, argument, covered: covered.mean(), computed };
}

/** Y(x, y) of the chosen result joins the spans of the text. */
function withResultSpans(text: SpanLists, chosen: tf.Tensor2D): SpanLists {
  const [batch, width] = chosen.shape;
  const count = width / 3;
  const part = (index: number) => chosen.slice([0, index * count], [batch, count]);
  return {
    starts: tf.concat([text.starts, part(0).cast("int32")], 1) as tf.Tensor2D,
    ends: tf.concat([text.ends, part(1).cast("int32")], 1) as tf.Tensor2D,
    valid: tf.concat([text.valid, part(2)], 1) as tf.Tensor2D,
  };
}
