// Our side of the qa-train benchmark. Answers "step" with the milliseconds and the loss of one training step, "memory" with
// its peak resident set, { save } by writing weights, batch and noise for PyTorch.
import { AdamW, initBackend, key, saveSafetensors } from "@symgrad/core";
import { gumbelNoise } from "@symgrad/gumbel";
import {
  ARGUMENT_LOSSES,
  createPretrainedReader,
  createReader,
  createReaderStep,
  createTrainingBatch,
  generateSynthetic,
} from "@symgrad/qa-model";
import { calculator, createRegistry } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { serve } from "./peer.mjs";

const { threads, encoder, synthetic, batchSize, learningRate, noises } = JSON.parse(process.argv[2]);
await initBackend({ backend: "onnxruntime", threads });
const drawn = { registry: createRegistry([calculator]), key: key(0).fold("weights") };
const reader = encoder
  ? await createPretrainedReader({ ...drawn, encoder, config: { hidden_dropout_prob: 0 } })
  : createReader(drawn);
const examples = [...generateSynthetic({ ...synthetic, count: batchSize, seed: 0 })];
const { inputs, targets } = await createTrainingBatch(reader, examples);
const optimizer = new AdamW({ parameters: reader.parameters() });
const step = createReaderStep(reader, optimizer, { argumentLoss: ARGUMENT_LOSSES.mml, clip: 1 });
const rate = tf.scalar(learningRate);
const keyOf = (index) => key(1).fold(index);
let count = 0;

serve(async (request) => {
  if (request === "memory") return process.resourceUsage().maxRSS / 1024;
  if (request.save) return await save(request.save);
  const start = performance.now();
  const metrics = await step(inputs, targets, keyOf(count++ % noises), rate);
  const [loss] = await metrics.data();
  const ms = performance.now() - start;
  metrics.dispose();
  return { ms, loss };
});

/** @returns The shape that the weights do not tell, and the batch's. */
async function save(path) {
  const [{ tuples, results }] = inputs.stages;
  const [{ spans, labels }] = targets.stages;
  const { outputVocabulary } = reader.layer;
  const tensors = new Map([
    ...reader.model.parameters(),
    ...["ids", "mask", "answerable", "positions", "segments"].map((name) => [`batch.${name}`, inputs[name]]),
    ["batch.quantities", inputs.quantities],
    ...tuples.map((tuple, i) => [`batch.tuple${i}`, tuple]),
    ...["ids", "lengths", "mask"].map((name) => [`batch.result.${name}`, results[name]]),
    ...["starts", "ends", "valid"].map((name) => [`batch.${name}`, targets[name]]),
    ["batch.resultSpans", spans],
    ["batch.labels", labels],
    ["batch.vocabulary", tf.tensor1d([...outputVocabulary], "int32")],
  ]);
  for (let i = 0; i < noises; i++) {
    tensors.set(`noise.${i}`, gumbelNoise(keyOf(i).fold("noise"), results.mask.shape));
  }
  await saveSafetensors(path, tensors);
  const { num_hidden_layers: layers, num_attention_heads: heads, layer_norm_eps: epsilon } = reader.config;
  const [, tokens] = inputs.mask.shape;
  const [, candidates, length] = results.ids.shape;
  return { layers, heads, epsilon, normalization: reader.config.normalization, tokens, candidates, length };
}
