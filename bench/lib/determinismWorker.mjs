// Answers each request with a digest of all losses, weights and moments after two steps from the same state.
import { createHash } from "node:crypto";
import { AdamW, initBackend, jit, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";
import { batchTensors, SHAPES, SpanModel } from "./trainStepModel.mjs";

const { threads } = JSON.parse(process.argv[2]);
await initBackend({ backend: "onnxruntime", threads });
const model = new SpanModel(SHAPES.A);
const parameters = model.parameters();
const optimizer = new AdamW({ parameters });
const state = [...parameters.values(), ...optimizer.state().values()];
const start = state.map((variable) => variable.clone());
const batches = [0, 1].map((number) => batchTensors(SHAPES.A, number));
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
