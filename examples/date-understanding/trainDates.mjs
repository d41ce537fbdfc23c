import {
  AdamW,
  clipByGlobalNorm,
  cosineSchedule,
  jit,
  key,
  permutation,
  valueAndGradients,
} from "@symgrad/core";
import { argumentLosses } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { DateNetwork } from "./dateNetwork.mjs";
import { collateQuestions, collectWords, prepareQuestion, scoreCandidates } from "./dateTask.mjs";

/**
 * Learns which date arithmetic questions ask for, from their answers alone: the loss is -log of the probability of all
 * triples of choices whose result is the answer (`mml`), found by search.
 *
 * @param examples `{ context, question, answer }[]`
 * @returns `{ answer(context, question), seconds }`: `answer` gives the results with their probabilities, a Map.
 */
export async function trainDates({
  examples,
  epochs = 12,
  batchSize = 32,
  learningRate = 3e-3,
  seed = 0,
  onEpoch,
}) {
  const began = performance.now();
  const words = collectWords(examples);
  const prepared = examples
    .map((example) => prepareQuestion(example, words))
    .filter(({ positives }) => positives.length > 0);
  const candidates = prepared.reduce((most, { row }) => Math.max(most, row.count), 1);
  const root = key(seed).fold("date-understanding");
  const network = new DateNetwork(words.size + 2, root.fold("weights"));
  const parameters = network.parameters();
  const optimizer = new AdamW({ parameters });
  const step = jit(
    (batch, rate) => {
      const { value, gradients } = valueAndGradients(
        () => argumentLosses.mml(scoreCandidates(network, batch), batch.mask, batch.labels).mean(),
        parameters,
      );
      optimizer.apply(clipByGlobalNorm(gradients, 1).gradients, rate);
      return value;
    },
    { name: "date-understanding" },
  );
  const batches = Math.floor(prepared.length / batchSize);
  const schedule = cosineSchedule({ peak: learningRate, total: epochs * batches });
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = permutation(root.fold("order").fold(epoch), prepared.length);
    let total = 0;
    for (let at = 0; at < batches; at++) {
      const chosen = Array.from(order.subarray(at * batchSize, (at + 1) * batchSize), (i) => prepared[i]);
      const batch = collateQuestions(chosen, candidates);
      const rate = tf.scalar(schedule(epoch * batches + at));
      const value = await step(batch, rate);
      total += (await value.data())[0];
      tf.dispose([batch, rate, value]);
    }
    onEpoch?.({ epoch, loss: total / batches });
  }
  await step.dispose();
  const answer = (context, question) =>
    resultProbabilities(network, prepareQuestion({ context, question }, words));
  return { answer, seconds: (performance.now() - began) / 1000 };
}

/** The probability of each result: that of all triples that give it. */
function resultProbabilities(network, question) {
  const found = new Map();
  const { row } = question;
  if (row.count === 0) return found;
  const probs = tf.tidy(() => {
    const batch = collateQuestions([question], row.count);
    const scores = scoreCandidates(network, batch);
    return scores.add(batch.mask.sub(1).mul(1e9)).softmax().dataSync();
  });
  for (const [candidate, result] of row.results.entries()) {
    if (result.kind === "ok") found.set(result.text, (found.get(result.text) ?? 0) + probs[candidate]);
  }
  return found;
}

/** How often the most probable result is the answer; with `options`, the most probable of them. 0 to 1. */
export function accuracy({ answer }, examples) {
  const right = examples.filter(({ context, question, answer: target, options }) => {
    const probabilities = answer(context, question);
    const results = options ?? [...probabilities.keys()];
    const likely = (result) => probabilities.get(result) ?? 0;
    const best = results.reduce((a, b) => (likely(b) > likely(a) ? b : a), results[0]);
    return best === target && likely(best) > 0;
  });
  return right.length / examples.length;
}
