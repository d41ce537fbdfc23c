// F~ times an embedding table, forward and backward to the scores: the layer against the dense one-hot formulation
// z E W with E `[candidates, length * vocabulary]`, at 400 candidates of 16 tokens and 30,522 words.
import { initBackend, key } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import { createRegistry, defineFunction, fromExample, ok, tokens } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { digitVocabulary } from "../lib/digitVocabulary.mjs";
import { median } from "../lib/median.mjs";

const [CANDIDATES, LENGTH, VOCABULARY, HIDDEN] = [400, 16, 30_522, 64];

export async function run({ runs, threads, log }) {
  const backend = await initBackend({ threads });
  const vocabulary = digitVocabulary(VOCABULARY);
  const fn = defineFunction({
    name: "bench.digits.v1",
    args: { digits: fromExample("digits") },
    run: ({ digits }) => ok(digits),
    output: tokens(),
    maxLength: LENGTH,
  });
  const layer = createRegistry([fn]).layer(fn.name, {
    estimator: straightThroughGumbel({ temperature: 1 }),
    vocabulary,
  });
  const digits = Array.from({ length: CANDIDATES }, (_, i) => String(10 ** 15 + i * 7_919_000_003));
  const prepared = layer.prepareSync(layer.candidates([{ digits }]));
  const scores = tf.randomNormal([1, CANDIDATES], 0, 1, "float32", 1);
  const table = tf.randomNormal([VOCABULARY, HIDDEN], 0, 0.02, "float32", 2);
  const direction = tf.randomNormal([1, LENGTH, HIDDEN], 0, 1, "float32", 3);
  const noise = { key: key(0) };

  const ours = tf.grad((s) => {
    const { tokens: read } = layer.apply(s, prepared, noise);
    return tf.sum(tf.mul(read.embed(table), direction));
  });
  const oursBytes = [prepared.inputs.ids, prepared.inputs.lengths, prepared.inputs.mask].reduce(
    (sum, { size }) => sum + 4 * size,
    0,
  );
  log(
    `layer-backward: dense, ${Math.round((4 * CANDIDATES * LENGTH * VOCABULARY) / 2 ** 20)} MiB of one-hots`,
  );
  const oneHots = tf.tidy(() => {
    const ids = digits.flatMap((text) => vocabulary.encode(text));
    return tf.reshape(tf.oneHot(tf.tensor1d(ids, "int32"), VOCABULARY, 1, 0, "float32"), [
      CANDIDATES,
      LENGTH * VOCABULARY,
    ]);
  });
  const dense = tf.grad((s) => {
    const { weights } = layer.estimator.choose(s, noise);
    const read = tf.reshape(tf.matMul(weights, oneHots), [LENGTH, VOCABULARY]);
    return tf.sum(tf.mul(tf.reshape(tf.matMul(read, table), [1, LENGTH, HIDDEN]), direction));
  });
  const timed = (gradient) => {
    const began = performance.now();
    const result = tf.tidy(() => gradient(scores).dataSync());
    return { ms: performance.now() - began, result };
  };
  const expected = timed(dense).result;
  const found = timed(ours).result;
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
  const times = { ours: [], dense: [] };
  for (let round = 0; round < runs; round++) {
    times.dense.push(timed(dense).ms);
    for (let i = 0; i < 20; i++) times.ours.push(timed(ours).ms);
  }
  const [oursMs, peerMs] = [median(times.ours), median(times.dense)];
  return {
    what: "F~ times the embedding table, forward and backward (ratio above 1: ours is faster)",
    rows: [
      {
        case: `${CANDIDATES} candidates x ${LENGTH} tokens x ${VOCABULARY} words, hidden ${HIDDEN}`,
        threads: backend.threads,
        peer: "dense one-hots",
        oursMs: Math.round(100 * oursMs) / 100,
        peerMs: Math.round(peerMs),
        ratio: Math.round(peerMs / oursMs),
        oursKb: Math.round(oursBytes / 102.4) / 10,
        peerKb: Math.round((4 * CANDIDATES * LENGTH * VOCABULARY) / 1024),
      },
    ],
    gradients: { largest, difference },
    failed: !(difference <= 1e-5 * largest),
    notes: [
      `backend ${backend.name}; largest difference of the gradients: ${difference.toExponential(1)} of ${largest.toExponential(1)}`,
    ],
  };
}
