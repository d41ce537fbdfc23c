// What the temperature's schedule does to training: 128 categorical latents of 10 classes, each with a quadratic loss
// ||sum_k z_k W_k||^2 / 8 of its own random vectors W_k. Its best mixture is near 0 while its best class is not, so a soft
// sample can learn what no class gives. Reported: the exact expected loss of the trained classes above the best class,
// in percent of what it was at even odds.
import { AdamW, initBackend, jit, key, normal, valueAndGradients } from "@symgrad/core";
import {
  constantTemperature,
  cosineTemperature,
  entropyTemperature,
  exponentialTemperature,
  gumbelSoftmax,
  LearnedTemperature,
  linearTemperature,
  straightThroughGumbel,
} from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";

const setting = { latents: 128, classes: 10, features: 8, samples: 4, steps: 500, learningRate: 0.03 };
const { latents, classes, features, samples, steps, learningRate } = setting;
const range = { from: 2, to: 0.5, steps };
const estimators = { "gumbel-softmax": gumbelSoftmax, "straight-through-gumbel": straightThroughGumbel };
/** A schedule gives a number for each step; what depends on the logits or is learned, a tensor inside the step. */
const schedules = {
  "constant 0.3": () => constantTemperature(0.3),
  "constant 0.5": () => constantTemperature(0.5),
  "constant 1": () => constantTemperature(1),
  "constant 2": () => constantTemperature(2),
  "linear 2 to 0.5": () => linearTemperature(range),
  "exponential 2 to 0.5": () => exponentialTemperature(range),
  "cosine 2 to 0.5": () => cosineTemperature(range),
  "entropy, 1 to 0.5": () => entropyTemperature(),
  "entropy, 2 to 0.5": () => entropyTemperature({ even: 2 }),
  learned: () => new LearnedTemperature(),
};

export async function run({ seeds = "3", log }) {
  await initBackend({ backend: "onnxruntime", threads: 1 });
  const wanted = [...Array(Number(seeds)).keys()];
  const rows = [];
  for (const schedule of Object.keys(schedules)) {
    const row = { schedule };
    for (const estimator of Object.keys(estimators)) {
      const results = [];
      for (const seed of wanted) results.push(await train(estimator, schedule, seed));
      const mean = (name) => results.reduce((sum, result) => sum + result[name], 0) / results.length;
      row[estimator] = Math.round(mean("excess") * 100) / 100;
      row[`${estimator} temperature`] = Math.round(mean("temperature") * 100) / 100;
    }
    log(JSON.stringify(row));
    rows.push(row);
  }
  return {
    command: `npm run bench -- temperature-schedules --seeds ${seeds}`,
    what: `expected loss above the best class's after training, percent of it at even odds, mean of ${seeds} seeds; and the last temperature`,
    setting,
    rows,
  };
}

async function train(name, scheduleName, seed) {
  const root = key(seed).fold("temperature-schedules");
  const vectors = normal(root.fold("vectors"), [latents, classes, features]);
  const theta = tf.variable(tf.zeros([latents, classes]));
  const schedule = schedules[scheduleName]();
  const learned = schedule instanceof LearnedTemperature ? schedule : undefined;
  const adaptive = scheduleName.startsWith("entropy") ? schedule : undefined;
  const estimator = estimators[name]({ temperature: 1 });
  const parameters = new Map([["theta", theta], ...(learned?.parameters() ?? [])]);
  const optimizer = new AdamW({ parameters, weightDecay: 0 });
  const table = tf.tile(vectors, [samples, 1, 1]);
  const loss = (weights) => {
    const mixed = tf.sum(tf.mul(tf.expandDims(weights, 2), table), 1);
    return tf.div(tf.sum(tf.square(mixed), 1), features);
  };
  let last;
  const step = jit((noise, rate, given) => {
    const logits = tf.tile(theta, [samples, 1]);
    const temperature = adaptive?.({ logits }) ?? given;
    const { gradients } = valueAndGradients(
      () =>
        tf.mean(
          estimator.expectedLoss(tf.tile(theta, [samples, 1]), loss, {
            key: noise,
            temperature: learned?.value() ?? temperature,
          }),
        ),
      parameters,
    );
    optimizer.apply(gradients, rate);
    return learned?.value() ?? tf.clone(temperature);
  });
  const rate = tf.scalar(learningRate);
  for (let i = 0; i < steps; i++) {
    const given = tf.scalar(learned || adaptive ? 1 : schedule(i));
    const used = await step(root.fold(i), rate, given);
    last = (await used.data())[0];
    tf.dispose([given, used]);
  }
  const excess = excessOf(theta, vectors);
  step.dispose();
  optimizer.dispose();
  learned?.dispose();
  tf.dispose([theta, vectors, table, rate]);
  return { excess, temperature: last };
}

/** sum over latents of (sum_k p_k l_k - min l) over the same at even odds, in percent. */
function excessOf(theta, vectors) {
  return tf.tidy(() => {
    const losses = tf.sum(tf.square(vectors), 2);
    const best = tf.min(losses, 1, true);
    const above = tf.sub(losses, best);
    const expected = tf.sum(tf.mul(tf.softmax(theta), above)).dataSync()[0];
    return (100 * expected) / tf.div(tf.sum(above), classes).dataSync()[0];
  });
}
