import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { jit, registerOnnxRuntimeBackend } from "../index";

beforeAll(() => registerOnnxRuntimeBackend({ threads: 2 }));

const dense = () =>
  tf.sequential({
    layers: [
      tf.layers.dense({
        units: 6,
        activation: "relu",
        inputShape: [4],
        kernelInitializer: tf.initializers.glorotNormal({ seed: 1 }),
        kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
      }),
      tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 2 }) }),
    ],
  });
const convolutional = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({
        filters: 4,
        kernelSize: 3,
        activation: "relu",
        inputShape: [8, 8, 2],
        kernelInitializer: tf.initializers.glorotNormal({ seed: 3 }),
      }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, kernelInitializer: tf.initializers.glorotNormal({ seed: 4 }) }),
    ],
  });

/** Losses and weights of some steps of gradient descent with momentum, all of it inside jit. */
async function train(
  backend: string,
  make: () => tf.Sequential,
): Promise<{ losses: number[]; weights: number[][] }> {
  await tf.setBackend(backend);
  const model = make();
  const weights = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  const velocities = weights.map((weight) => tf.variable(tf.zerosLike(weight), false));
  const step = jit((x: tf.Tensor, labels: tf.Tensor, rate: tf.Scalar) => {
    const { value, grads } = tf.variableGrads(() => {
      const logits = model.apply(x, { training: true }) as tf.Tensor;
      const loss = tf.losses.softmaxCrossEntropy(labels, logits) as tf.Scalar;
      return model.calculateLosses().reduce((total, penalty) => total.add(penalty) as tf.Scalar, loss);
    }, weights);
    for (const [i, weight] of weights.entries()) {
      const velocity = tf.add(tf.mul(velocities[i]!, 0.9), grads[weight.name]!);
      velocities[i]!.assign(velocity);
      weight.assign(tf.sub(weight, tf.mul(velocity, rate)));
    }
    return {
      loss: value,
      correct: tf.sum(tf.equal(tf.argMax(labels, 1), tf.argMax(model.apply(x) as tf.Tensor, 1))),
    };
  });
  const shape = [12, ...model.inputs[0]!.shape.slice(1)] as number[];
  const size = shape.reduce((a, b) => a * b);
  const x = tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * i + 0.3)),
    shape,
  );
  const labels = tf
    .oneHot(
      tf.tensor1d(
        Array.from({ length: 12 }, (_, i) => i % 3),
        "int32",
      ),
      3,
    )
    .toFloat();
  const losses: number[] = [];
  const { numTensors } = tf.memory();
  for (let i = 0; i < 8; i++) {
    const rate = tf.scalar(0.1 / (1 + i / 4));
    const { loss, correct } = await step(x, labels, rate);
    losses.push(loss.dataSync()[0]!);
    tf.dispose([loss, correct, rate]);
  }
  expect(tf.memory().numTensors).toBe(numTensors);
  if (backend === "onnxruntime") expect(step.stats.traces).toBe(1);
  return { losses, weights: weights.map((weight) => Array.from(weight.dataSync())) };
}

test.each([
  ["dense", dense],
  ["convolutional", convolutional],
])("a whole training step of a %s tf.layers model: traced equals tfjs-cpu", async (_, make) => {
  const traced = await train("onnxruntime", make);
  const eager = await train("cpu", make);
  expect(traced.losses.at(-1)!).toBeLessThan(traced.losses[0]! * 0.95);
  for (const [i, loss] of traced.losses.entries()) expect(loss).toBeCloseTo(eager.losses[i]!, 4);
  for (const [i, weight] of traced.weights.entries()) {
    for (const [j, number] of weight.entries()) expect(number).toBeCloseTo(eager.weights[i]![j]!, 3);
  }
});

test("predict inside jit, in batches of its own", async () => {
  await tf.setBackend("onnxruntime");
  const model = dense();
  const x = tf.randomNormal([7, 4], 0, 1, "float32", 1);
  const predict = jit((t: tf.Tensor) => model.predict(t, { batchSize: 3 }) as tf.Tensor);
  const [traced, eager] = [(await predict(x)).dataSync(), (model.predict(x) as tf.Tensor).dataSync()];
  for (const [i, number] of traced.entries()) expect(number).toBeCloseTo(eager[i]!, 5);
});
