// The model of the train-step benchmark: a BERT-like encoder with a span head, and its batches. `torchTrainStep.py` has
// the same model under the same parameter names, and starts from the same weights.
import {
  Embedding,
  key,
  LayerNorm,
  Linear,
  Module,
  softmaxCrossEntropy,
  TransformerEncoder,
} from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

/** Heads of 64, as in BERT; the feed-forward part is four times as wide as the hidden state. */
export const SHAPES = {
  A: { layers: 4, hidden: 128, heads: 2, tokens: 192, batch: 16, vocabulary: 30_522 },
  B: { layers: 6, hidden: 384, heads: 6, tokens: 192, batch: 8, vocabulary: 30_522 },
};

/** Multiplications and additions of one training step in matrix products: forward, and twice that backward. */
export function flops({ layers, hidden, tokens, batch }) {
  const weights = 12 * hidden * hidden + 2 * tokens * hidden;
  return 3 * 2 * layers * batch * tokens * weights + 3 * 2 * batch * tokens * hidden * 2;
}

export class SpanModel extends Module {
  constructor({ layers, hidden, heads, tokens, vocabulary }) {
    super();
    const [words, positions, segments, encoder, span] = key(0).split(5);
    const standardDeviation = 0.02;
    this.words = new Embedding({ rows: vocabulary, hidden, key: words, standardDeviation });
    this.positions = new Embedding({ rows: tokens, hidden, key: positions, standardDeviation });
    this.segments = new Embedding({ rows: 2, hidden, key: segments, standardDeviation });
    this.norm = new LayerNorm({ hidden, epsilon: 1e-12 });
    this.encoder = new TransformerEncoder({
      layers,
      hidden,
      heads,
      intermediate: 4 * hidden,
      normalization: "post",
      epsilon: 1e-12,
      key: encoder,
    });
    this.span = new Linear({ inputs: hidden, outputs: 2, key: span });
  }

  /** Mean cross-entropy of the first and the last token of the answer. */
  loss({ ids, positions, segments, mask, starts, ends }) {
    const embedded = this.words
      .apply(ids)
      .add(this.positions.apply(positions))
      .add(this.segments.apply(segments));
    const encoded = this.encoder.apply(this.norm.apply(embedded), { mask });
    const [startLogits, endLogits] = tf.unstack(this.span.apply(encoded), 2);
    return softmaxCrossEntropy(startLogits, starts)
      .mean()
      .add(softmaxCrossEntropy(endLogits, ends).mean())
      .div(2);
  }
}

/** A batch: random words, the last part of each text padding. */
export function batchTensors({ batch, tokens, vocabulary }, number) {
  let state = number + 1;
  const draw = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const length = Array.from({ length: batch }, () => tokens - draw(tokens / 4));
  const perToken = (value) => {
    const data = Int32Array.from({ length: batch * tokens }, (_, i) =>
      value(Math.floor(i / tokens), i % tokens),
    );
    return tf.tensor2d(data, [batch, tokens], "int32");
  };
  const ids = perToken(() => draw(vocabulary));
  const starts = length.map((n) => draw(n));
  const ends = starts.map((start, row) => start + draw(length[row] - start));
  return {
    ids,
    positions: perToken((_, token) => token),
    segments: perToken((_, token) => (token < 16 ? 0 : 1)),
    mask: perToken((row, token) => (token < length[row] ? 1 : 0)),
    starts: tf.tensor1d(starts, "int32"),
    ends: tf.tensor1d(ends, "int32"),
  };
}
