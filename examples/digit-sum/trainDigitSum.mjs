import { AdamW, cosineSchedule, jit, key, permutation, uniformInt, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { DigitNetwork } from "./digitNetwork.mjs";
import { objectives, sumOf } from "./objectives.mjs";
import { readDigits } from "./readDigits.mjs";

/** Random tuples of test images. They are the same for every seed and objective. */
const testTuples = 2000;

/**
 * Trains a network to read handwritten digits from their sums alone: no image has a label. Each epoch cuts the training
 * images, in a new order, into tuples of `summands`, and tells the sum of each.
 *
 * @param options.summands 2, 3 or 4.
 * @param options.objective "mml" (default) or "bce".
 * @param options.onEpoch Called with `{ epoch, loss }`.
 * @returns Accuracy on sums of unseen images and on the single digits, 0 to 1, and the seconds it took.
 */
export async function trainDigitSum({
  summands = 2,
  objective = "mml",
  epochs = 60,
  batchSize = 16,
  learningRate = 2e-3,
  seed = 0,
  onEpoch,
} = {}) {
  const began = performance.now();
  const { train, test } = readDigits();
  const root = key(seed).fold("digit-sum");
  const network = new DigitNetwork(root.fold("weights"));
  const parameters = network.parameters();
  const optimizer = new AdamW({ parameters });
  const loss = objectives[objective](summands);

  const step = jit(
    (images, sums, rate) => {
      const { value, gradients } = valueAndGradients(
        () => loss(digitLogits(network, images, summands), sums),
        parameters,
      );
      optimizer.apply(gradients, rate);
      return value;
    },
    { name: "digit-sum" },
  );

  const tuplesPerEpoch = Math.floor(train.labels.length / summands);
  const batches = Math.floor(tuplesPerEpoch / batchSize);
  const schedule = cosineSchedule({ peak: learningRate, total: epochs * batches });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = permutation(root.fold("order").fold(epoch), train.labels.length);
    let total = 0;
    for (let batch = 0; batch < batches; batch++) {
      const size = batchSize * summands;
      const { images, sums } = gatherTuples(
        train,
        order.subarray(batch * size, (batch + 1) * size),
        summands,
      );
      const rate = tf.scalar(schedule(epoch * batches + batch));
      const value = await step(images, sums, rate);
      total += (await value.data())[0];
      tf.dispose([images, sums, rate, value]);
    }
    onEpoch?.({ epoch, loss: total / batches });
  }
  step.dispose();
  const accuracy = evaluate(network, test, summands);
  network.dispose();
  optimizer.dispose();
  return { ...accuracy, seconds: (performance.now() - began) / 1000 };
}

/** @returns One `[batch, 10]` for each place of the tuples. */
function digitLogits(network, images, summands) {
  const logits = network.apply(images).reshape([-1, summands, 10]);
  return tf.unstack(logits, 1);
}

/** `images` `[tuples * summands, 64]`, `sums` int32 `[tuples]`. */
function gatherTuples({ images, labels }, indices, summands) {
  const pixels = new Float32Array(indices.length * 64);
  const sums = new Int32Array(indices.length / summands);
  for (const [i, index] of indices.entries()) {
    pixels.set(images.subarray(index * 64, (index + 1) * 64), i * 64);
    sums[Math.floor(i / summands)] += labels[index];
  }
  return {
    images: tf.tensor2d(pixels, [indices.length, 64]),
    sums: tf.tensor1d(sums, "int32"),
  };
}

/** How often the most probable sum is right, and the most probable digit. */
function evaluate(network, test, summands) {
  return tf.tidy(() => {
    const indices = uniformInt(key("digit-sum test"), testTuples * summands, 0, test.labels.length);
    const { images, sums } = gatherTuples(test, indices, summands);
    const sum = sumOf(digitLogits(network, images, summands)).logProbs.argMax(1);
    const digit = network.apply(tf.tensor2d(test.images, [test.labels.length, 64])).argMax(1);
    const share = (hits) => hits.cast("float32").mean().dataSync()[0];
    return {
      sumAccuracy: share(sum.equal(sums)),
      digitAccuracy: share(digit.equal(tf.tensor1d(test.labels, "int32"))),
    };
  });
}
