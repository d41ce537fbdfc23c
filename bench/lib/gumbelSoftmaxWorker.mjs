// One tfjs peer of the gumbel-softmax benchmark: answers a number of iterations with the milliseconds of each.
import { initBackend, jit, key } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";

const { peer, threads, shape } = JSON.parse(process.argv[2]);
await initBackend({ backend: peer === "tfjs-wasm" ? "wasm" : "onnxruntime", threads });
const logits = tf.randomNormal(shape, 0, 1, "float32", 1);
const cotangent = tf.randomNormal(shape, 0, 1, "float32", 2);
const iterate = { ours: traced(), "tfjs-wasm": naive }[peer];
let count = 0;

serve(async (iterations) => {
  const times = [];
  for (let i = 0; i < iterations; i++) {
    const start = performance.now();
    const results = await iterate(count++);
    await Promise.all(results.map((result) => result.data()));
    times.push(performance.now() - start);
    tf.dispose(results);
  }
  return times;
});

/** The sample and the gradient of <sample, cotangent>, as one graph; the noise from a fresh key. */
function traced() {
  const estimator = straightThroughGumbel({ temperature: 1 });
  const step = jit((s, c, noise) => {
    let sample;
    const gradient = tf.grad((x) => {
      sample = tf.keep(estimator.choose(x, { key: noise }).weights);
      return tf.sum(tf.mul(sample, c));
    })(s);
    return [sample, gradient];
  });
  return (i) => step(logits, cotangent, key(i));
}

/** What a user of TensorFlow.js writes from its own operations. */
function naive() {
  const straightThrough = tf.customGrad((y) => ({
    value: tf.oneHot(tf.argMax(y, -1), shape[1]).toFloat(),
    gradFunc: (dy) => dy,
  }));
  return tf.tidy(() => {
    let sample;
    const gradient = tf.grad((x) => {
      const noise = tf.neg(tf.log(tf.neg(tf.log(tf.randomUniform(shape, 1e-10, 1)))));
      sample = tf.keep(straightThrough(tf.softmax(tf.add(x, noise))));
      return tf.sum(tf.mul(sample, cotangent));
    })(logits);
    return [sample, gradient];
  });
}
