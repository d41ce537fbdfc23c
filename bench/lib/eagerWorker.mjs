// One backend of the eager-overhead benchmark: answers "add" and "lstm" with the microseconds of one call, "memory" with
// the resident set in MB after so many training steps.
import { initBackend } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";

const { backend, threads } = JSON.parse(process.argv[2]);
await initBackend({ backend, threads });

const x = tf.randomNormal([1024], 0, 1, "float32", 1);
const y = tf.randomNormal([1024], 0, 1, "float32", 2);
/** A cell of 32 units on a batch of 8. */
const [forgetBias, kernel, bias] = [
  tf.scalar(1),
  tf.randomNormal([64, 128], 0, 0.1, "float32", 3),
  tf.zeros([128]),
];
const [input, c, h] = [4, 5, 6].map((seed) => tf.randomNormal([8, 32], 0, 1, "float32", seed));

const calls = {
  add: () => tf.add(x, y).dispose(),
  lstm: () => tf.dispose(tf.basicLSTMCell(forgetBias, kernel, bias, input, c, h)),
};

serve((request) => {
  const call = calls[request.call];
  const start = performance.now();
  for (let i = 0; i < request.count; i++) call();
  return ((performance.now() - start) * 1000) / request.count;
});
