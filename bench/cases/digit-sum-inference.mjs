// The exact distribution of the sum of two N-digit numbers and its gradient, batch of 2, from logits of the digits: the
// symbolic part of a step of MNIST-add. Published times are of other machines; enumeration runs here, interleaved.
import { cpus } from "node:os";
import { initBackend, jit } from "@symgrad/core";
import { categorical, logProbAt, mapDist } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { median } from "../lib/median.mjs";

const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const batch = 2;
const callsPerRound = 200;

const plus = (a, b) => a + b;
const append = (tens, units) => 10 * tens + units;

/** Digits of the first number, then of the second, most significant first -> the distribution of the sum. */
const programs = {
  1: { sum: ([a, b]) => mapDist(plus, a, b), targetMs: 0.5, publishedMs: 0.9 },
  // Columns first: 100 + 100 + 361 calls instead of 10,000.
  2: {
    sum: ([a, b, c, d]) => mapDist(append, mapDist(plus, a, c), mapDist(plus, b, d)),
    targetMs: 2,
    publishedMs: 9.9,
  },
};

export async function run({ runs, threads = 1, log }) {
  await initBackend({ backend: "onnxruntime", threads });
  const rows = [];
  for (const [length, { sum, targetMs, publishedMs }] of Object.entries(programs)) {
    log(`digit-sum-inference: ${length} digit(s), ${runs} rounds`);
    const logits = tf.randomNormal([2 * length, batch, 10], 0, 1, "float32", 1);
    const places = tf.tensor1d([3, 7], "int32");
    const ours = lossAndGradient((variables) => logProbAt(sum(variables), places));
    const enumeration = lossAndGradient((variables) => enumerated(variables, length, places));
    const [value, expected] = [await ours(logits), await enumeration(logits)];
    const difference = Math.max(...[0, 1].map((i) => distance(value[i], expected[i])));
    const exactDifference = doublePrecisionDifference(sum, logits.arraySync(), length);
    const times = { ours: [], enumeration: [] };
    for (let round = 0; round < runs; round++) {
      times.ours.push(await timed(ours, logits));
      times.enumeration.push(await timed(enumeration, logits));
    }
    const oursMs = median(times.ours);
    const enumerationMs = median(times.enumeration);
    const row = (peer, peerMs) => ({
      case: `two numbers of ${length} digit(s), batch ${batch}, loss and gradient`,
      threads,
      peer,
      oursMs: round3(oursMs),
      peerMs: round3(peerMs),
      ratio: round3(peerMs / oursMs),
      targetMs,
      differenceFloat32: difference,
      differenceFloat64: exactDifference,
    });
    rows.push(
      row("enumeration of all digit tuples", enumerationMs),
      row("published best, other machine", publishedMs),
    );
  }
  return {
    what: "the exact distribution of the sum of two N-digit numbers and its gradient, median ms a step (ratio above 1: ours is faster)",
    command: `npm run bench -- digit-sum-inference --runs ${runs} --json`,
    rows,
    failed: rows.some(
      ({ oursMs, targetMs, differenceFloat32, differenceFloat64 }) =>
        oursMs >= targetMs || differenceFloat32 > 1e-5 || differenceFloat64 > 1e-10,
    ),
    notes: [
      "published: DPNL and Scallop (k = 3), batch of 2, N = 1: 0.9 ms (Scallop), N = 2: 9.9 ms (DPNL)",
      "differences: loss and gradient against enumeration in float32; probabilities against enumeration in float64",
      `${cpus()[0].model}, Node ${process.version}, tfjs 4.22.0, onnxruntime-node`,
    ],
  };
}

/** One traced function of logits `[2 N, batch, 10]` to the loss and its gradient. */
function lossAndGradient(logProbs) {
  return jit((logits) => {
    const { value, grad } = tf.valueAndGrad((x) =>
      tf.neg(tf.mean(logProbs(tf.unstack(x, 0).map((scores) => categorical(digits, scores))))),
    )(logits);
    return [value, grad];
  });
}

/** The same by full enumeration: 10^(2N) joint log-probabilities, masked by the sum, log-sum-exp. */
function enumerated(variables, length, places) {
  const joint = variables
    .map(({ logProbs }) => logProbs)
    .reduce((before, next) =>
      tf.reshape(tf.add(tf.expandDims(before, 2), tf.expandDims(next, 1)), [batch, before.shape[1] * 10]),
    );
  const sums = Int32Array.from({ length: 10 ** (2 * length) }, (_, tuple) => sumOfTuple(tuple, length));
  const right = tf.equal(tf.tensor2d(sums, [1, sums.length], "int32"), tf.expandDims(places, 1));
  return tf.logSumExp(tf.where(right, joint, tf.fill(joint.shape, -1e9)), 1);
}

function sumOfTuple(tuple, length) {
  return Math.floor(tuple / 10 ** length) + (tuple % 10 ** length);
}

function doublePrecisionDifference(sum, logits, length) {
  const rows = logits.map((variable) => variable.map((row) => Float64Array.from(row)));
  const dist = sum(rows.map((variable) => categorical(digits, variable)));
  const probs = rows.map((variable) => categorical(digits, variable).logProbs);
  let worst = 0;
  for (let example = 0; example < batch; example++) {
    const expected = new Map();
    for (let tuple = 0; tuple < 10 ** (2 * length); tuple++) {
      let logProb = 0;
      for (let i = 0; i < 2 * length; i++) {
        logProb += probs[i][example][Math.floor(tuple / 10 ** (2 * length - 1 - i)) % 10];
      }
      const total = sumOfTuple(tuple, length);
      expected.set(total, (expected.get(total) ?? 0) + Math.exp(logProb));
    }
    for (const [place, value] of dist.support.values.entries()) {
      worst = Math.max(worst, Math.abs(Math.exp(dist.logProbs[example][place]) - expected.get(value)));
    }
  }
  return worst;
}

async function timed(step, logits) {
  const start = performance.now();
  for (let call = 0; call < callsPerRound; call++) {
    const results = await step(logits);
    await results[0].data();
    tf.dispose(results);
  }
  return (performance.now() - start) / callsPerRound;
}

function distance(a, b) {
  const [x, y] = [a.dataSync(), b.dataSync()];
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i])), 0);
}

function round3(value) {
  return Number(value.toPrecision(3));
}
