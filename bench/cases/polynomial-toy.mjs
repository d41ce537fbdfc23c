// The polynomial toy of Liu et al. 2023, arXiv:2304.08612, section 5.1: minimize E[ ||X - c||_p^p ] / 128 over the logits
// of 128 independent binary latents, c = 0.45. The best is X = 0 with 0.45^p. Estimator against estimator over the common
// interface, one run per estimator, exponent and seed. Rows that the results file holds, for the same setting, are not
// run again: a stopped run goes on where it was.
//
//   npm run bench -- polynomial-toy [--seeds 1]
//
// The sum is separable, and each latent's row sees its own term: estimators that look at losses alone (REINFORCE and its
// kin) learn faster here than from a loss of all latents together.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AdamW, initBackend, jit, key, normal, valueAndGradients, writeFileAtomic } from "@symgrad/core";
import { laboratoryEstimators } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";

const file = fileURLToPath(new URL("../results/polynomial-toy.json", import.meta.url));
const setting = { latents: 128, c: 0.45, samples: 8, steps: 500, learningRate: 0.02 };
const EXPONENTS = [1.5, 2, 3];
/** Steps after which the expected loss is noted. */
const NOTED = [50, 150, 500];

export async function run({ seeds = "1", log }) {
  await initBackend({ backend: "onnxruntime", threads: 1 });
  const wanted = [...Array(Number(seeds)).keys()];
  for (const estimator of estimatorNames()) {
    for (const p of EXPONENTS) {
      for (const seed of wanted) {
        const same = (row) => row.estimator === estimator && row.p === p && row.seed === seed;
        const stored = await storedRows();
        if (stored.some(same)) continue;
        const row = { estimator, p, seed, ...(await train(estimator, p, seed)) };
        log(JSON.stringify(row));
        await writeFileAtomic(file, `${JSON.stringify(summary([...stored, row]), null, 1)}\n`);
      }
    }
  }
  return summary(await storedRows());
}

/** Trains the logits and gives the exact expected loss, above the best, in percent of what it was at even odds. */
async function train(name, p, seed) {
  const { latents, c, samples, steps, learningRate } = setting;
  const root = key(seed).fold("polynomial-toy");
  const theta = tf.variable(normal(root.fold("start"), [latents, 2], { standardDeviation: 0.1 }));
  const all = laboratoryEstimators({ candidates: 2, key: root.fold("estimator") });
  const estimator = all.find((one) => one.name === name);
  const own = estimator.parameters?.() ?? new Map();
  const parameters = new Map([
    ["theta", theta],
    ...[...own].map(([path, value]) => [`estimator.${path}`, value]),
  ]);
  const optimizer = new AdamW({ parameters, weightDecay: 0 });
  const loss = (weights) =>
    tf.pow(tf.abs(tf.sub(tf.reshape(tf.slice(weights, [0, 1], [-1, 1]), [-1]), c)), p);
  const step = jit((noise, rate) => {
    const { gradients } = valueAndGradients(
      () => tf.mean(estimator.expectedLoss(tf.tile(theta, [samples, 1]), loss, { key: noise })),
      parameters,
    );
    optimizer.apply(gradients, rate);
  });
  const rate = tf.scalar(learningRate);
  const excess = {};
  const start = performance.now();
  for (let i = 1; i <= steps; i++) {
    await step(root.fold(i), rate);
    if (NOTED.includes(i)) excess[`after${i}`] = wrongShare(theta);
  }
  const ms = (performance.now() - start) / steps;
  step.dispose();
  for (const one of all) one.dispose?.();
  optimizer.dispose();
  tf.dispose([theta, rate]);
  return { ...excess, msPerStep: Math.round(ms * 100) / 100 };
}

/** Mean probability of X = 1, in percent: 50 at even odds, 0 where the loss is least. E[loss] is linear in it. */
function wrongShare(theta) {
  const [mean] = tf.tidy(() => tf.mean(tf.slice(tf.softmax(theta), [0, 1], [-1, 1])).dataSync());
  return Math.round(mean * 1e4) / 100;
}

/** At the laboratory's settings; without the one that has an objective of its own. */
function estimatorNames() {
  const all = laboratoryEstimators({ candidates: 2, key: key(0) });
  for (const one of all) one.dispose?.();
  return all.filter(({ objective }) => objective !== "marginal").map(({ name }) => name);
}

async function storedRows() {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const stored = JSON.parse(text);
  return JSON.stringify(stored.setting) === JSON.stringify(setting) ? stored.rows : [];
}

/** The rows, and the mean over the seeds of each estimator's last figure as a table. */
function summary(rows) {
  const table = estimatorNames().flatMap((estimator) => {
    const of = (p) => rows.filter((row) => row.estimator === estimator && row.p === p);
    if (EXPONENTS.some((p) => of(p).length === 0)) return [];
    const mean = (p) => of(p).reduce((sum, row) => sum + row[`after${setting.steps}`], 0) / of(p).length;
    return [
      {
        estimator,
        ...Object.fromEntries(EXPONENTS.map((p) => [`p = ${p}`, Math.round(mean(p) * 100) / 100])),
      },
    ];
  });
  return {
    command: "npm run bench -- polynomial-toy --seeds 1",
    what: "mean probability of the wrong value after training, percent (50 at the start, 0 is best)",
    setting,
    table,
    rows,
  };
}
