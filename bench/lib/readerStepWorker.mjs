// One backend of the reader-step benchmark: makes the reader, then answers "step" with the milliseconds of one
// training step, "gradients" with the gradients of its first batch, "memory" with its peak resident set.
import { AdamW, initBackend, jit, key, valueAndGradients } from "@symgrad/core";
import {
  ARGUMENT_LOSSES,
  createReader,
  createReaderStep,
  createTrainingBatch,
  generateSynthetic,
  readerLoss,
} from "@symgrad/qa-model";
import { calculator, createRegistry } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";

const { backend, threads, setting, batchSize } = JSON.parse(process.argv[2]);
await initBackend({ backend, threads });
const reader = createReader({
  registry: createRegistry([calculator]),
  key: key(0).fold("weights"),
  config: setting.reader,
});
const { type, transfer, people, digits } = setting;
const examples = [...generateSynthetic({ type, transfer, people, digits, count: batchSize, seed: 0 })];
const { inputs, targets } = await createTrainingBatch(reader, examples);
const optimizer = new AdamW({ parameters: reader.parameters() });
const step = createReaderStep(reader, optimizer, { argumentLoss: ARGUMENT_LOSSES.mml, clip: 1 });
const rate = tf.scalar(1e-3);
let count = 0;

serve(async (request) => {
  if (request === "gradients") return await gradients();
  if (request === "memory") return process.resourceUsage().maxRSS / 1024;
  const start = performance.now();
  const metrics = await step(inputs, targets, key(1).fold(count++), rate);
  await metrics.data();
  const ms = performance.now() - start;
  metrics.dispose();
  return ms;
});

/** Name -> values, of the training loss with the first step's noise. */
async function gradients() {
  const parameters = reader.parameters();
  const gradient = jit(
    (inputs, targets, noise) =>
      valueAndGradients(
        () =>
          readerLoss(reader.model, inputs, targets, {
            layers: reader.layers,
            argumentLoss: ARGUMENT_LOSSES.mml,
            noise,
          }).total,
        parameters,
      ).gradients,
  );
  const result = await gradient(inputs, targets, key(2));
  return Object.fromEntries([...result].map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));
}
