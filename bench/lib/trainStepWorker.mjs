// One TensorFlow.js peer of the train-step benchmark. Answers "step" with the milliseconds and the loss of one training
// step, "memory" with its peak resident set, "compile" with the milliseconds of tracing and compiling, { save } by
// writing weights and batches for PyTorch, "peak" with the GFLOPS of a matrix product.
import { AdamW, initBackend, jit, saveSafetensors, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";
import { batchTensors, SHAPES, SpanModel } from "./trainStepModel.mjs";

const { backend, threads, shape: name, traced, batches: count } = JSON.parse(process.argv[2]);
await initBackend({ backend, threads });
const shape = SHAPES[name];
const model = new SpanModel(shape);
const parameters = model.parameters();
const optimizer = new AdamW({ parameters });
const rate = tf.scalar(1e-4);
const batches = Array.from({ length: count }, (_, number) => batchTensors(shape, number));
let next = 0;

function trainStep(batch, learningRate) {
  const { value, gradients } = valueAndGradients(() => model.loss(batch), parameters);
  optimizer.apply(gradients, learningRate);
  return value;
}
const step = traced ? jit(trainStep) : async (...inputs) => tf.tidy(() => trainStep(...inputs));

serve(async (request) => {
  if (request === "memory") return process.resourceUsage().maxRSS / 1024;
  if (request === "compile") return step.stats.compileMs;
  if (request === "peak") return await peak();
  if (request.save) return await save(request.save);
  const start = performance.now();
  const value = await step(batches[next++ % count], rate);
  const [loss] = await value.data();
  const ms = performance.now() - start;
  value.dispose();
  return { ms, loss };
});

async function save(path) {
  const tensors = new Map(parameters);
  for (const [i, batch] of batches.entries())
    for (const [name, tensor] of Object.entries(batch)) tensors.set(`batch.${i}.${name}`, tensor);
  await saveSafetensors(path, tensors);
  return path;
}

async function peak() {
  const size = 1536;
  const a = tf.fill([size, size], 0.5);
  const product = jit((a) => tf.matMul(a, a).max());
  let best = 0;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    (await product(a)).dispose();
    best = Math.max(best, (2 * size ** 3) / (performance.now() - start) / 1e6);
  }
  product.dispose();
  a.dispose();
  return best;
}
