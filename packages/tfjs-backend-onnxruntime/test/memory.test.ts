import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerOnnxRuntimeBackend } from "../src/index";

beforeAll(async () => {
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels: "always" });
  await tf.setBackend("onnxruntime");
});
afterAll(() => tf.removeBackend("onnxruntime"));

/** A training step through a convolution, a pooling, a dense layer and a softmax. */
function makeStep() {
  const x = tf.randomNormal([4, 8, 8, 2], 0, 1, "float32", 1);
  const labels = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 0], "int32"), 3).toFloat());
  const filter = tf.variable(tf.randomNormal([3, 3, 2, 4], 0, 0.3, "float32", 2));
  const weights = tf.variable(tf.randomNormal([64, 3], 0, 0.3, "float32", 3));
  const optimizer = tf.train.adam(0.01);
  return () =>
    optimizer.minimize(() => {
      const hidden = tf.maxPool(
        tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same")),
        2,
        2,
        "valid",
      );
      return tf.losses.softmaxCrossEntropy(labels, tf.matMul(hidden.reshape([4, 64]), weights)) as tf.Scalar;
    });
}

test("tf.memory() is exact and native memory flat, step after step", () => {
  const step = makeStep();
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;
  for (let i = 0; i < 40; i++) step();
  const [before, resident] = [tf.memory(), megabytes()];
  for (let i = 0; i < 120; i++) step();
  const after = tf.memory();
  expect({
    numTensors: after.numTensors,
    numBytes: after.numBytes,
    numDataBuffers: after.numDataBuffers,
  }).toEqual({
    numTensors: before.numTensors,
    numBytes: before.numBytes,
    numDataBuffers: before.numDataBuffers,
  });
  // A step's tensors are some 200 KB; what the garbage collector has not freed yet varies by more than one step's.
  expect(megabytes() - resident).toBeLessThan(60);
});
