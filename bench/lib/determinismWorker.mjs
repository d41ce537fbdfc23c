// Answers each request with a digest of all losses, weights and moments after two steps from the same state.
import { createHash } from "node:crypto";
import { AdamW, initBackend, jit, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";
import { batchTensors, SpanModel } from "./trainStepModel.mjs";

const { threads } = JSON.parse(process.argv[2]);
/** Large enough for every operator to run on all threads, small enough for 300 repeats in a minute. */
const shape = { layers: 2, hidden: 128, heads: 2, tokens: 96, batch: 8, vocabulary: 4000 };
await initBackend({ backend: "onnxruntime", threads });
const model = new SpanModel(shape);
const parameters = model.parameters();
const optimizer = new AdamW({ parameters });
const state = [...parameters.values(), ...optimizer.state().values()];
const start = state.map((variable) => variable.clone());
const batches = [0, 1].map((number) => batchTensors(shape, number));
const rate = tf.scalar(1e-3);
const step = jit((batch, learningRate) => {
  const { value, gradients } = valueAndGradients(() => model.loss(batch), parameters);
  optimizer.apply(gradients, learningRate);
  return value;
});

serve(async () => {
  for (const [i, variable] of state.entries()) variable.assign(start[i]);
  const digest = createHash("sha256");
  for (const batch of batches) {
    const loss = await step(batch, rate);
    digest.update(loss.dataSync());
    loss.dispose();
  }
  for (const variable of state) digest.update(variable.dataSync());
  return digest.digest("hex");
});
