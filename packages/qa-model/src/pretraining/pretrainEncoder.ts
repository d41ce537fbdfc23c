import { join } from "node:path";
import {
  AdamW,
  clipByGlobalNorm,
  jit,
  key,
  linearSchedule,
  loadParameters,
  type RandomKey,
  RunDirectory,
  readSafetensors,
  type StoredTensor,
  SymgradError,
  trainLoop,
  valueAndGradients,
} from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { resolveCheckpoint } from "../checkpoint/hub";
import { loadEncoder } from "../checkpoint/loadEncoder";
import { resumeRun } from "../internal/resumeRun";
import { createReaderConfig, type ReaderConfig } from "../reader/readerConfig";
import { buildVocabulary } from "../tokenization/buildVocabulary";
import { DigitTokenizer } from "../tokenization/digitTokenizer";
import { createPretrainingBatch } from "./pretrainingBatch";
import { pretrainingParameters, saveEncoder } from "./pretrainingFiles";
import { type PretrainingInputs, PretrainingModel } from "./pretrainingModel";
import { resolveSettings } from "./pretrainingSettings";
import { readTexts } from "./pretrainingTexts";
import { encodeDocuments } from "./readDocuments";
import { createSentencePairs } from "./sentencePairs";

/** What `pretrainEncoder` reports while it runs. */
export interface PretrainingProgress {
  step: number;
  steps: number;
  metrics: Record<string, number>;
  secondsLeft: number;
}

export interface PretrainEncoderOptions {
  /** Text files, UTF-8: documents with blank lines between. */
  files: readonly string[];
  /** Text that perplexity is measured on. Default: every twentieth document of `files`, at least one, which is left out of training. */
  evaluation?: readonly string[] | undefined;
  /** The run directory; must not exist, or be empty, unless `resume`. The encoder is left in its `encoder/`. */
  output: string;
  /** A folder with a BERT tokenizer. Default: a vocabulary of the files' most frequent words. */
  tokenizer?: string | undefined;
  /** A BERT to go on from, folder or hub id; it brings its tokenizer and shape. Its pretraining heads start anew. */
  encoder?: string | undefined;
  /** Tokens of a vocabulary made here. Default 8000. */
  vocabularySize?: number | undefined;
  /** The shape; Hugging Face's names. Default: 2 layers of width 128, 2 heads, BERT's otherwise. */
  config?: Partial<ReaderConfig> | undefined;
  /** Tokens of a text, special ones included. Default 128. */
  maximumTokens?: number | undefined;
  /** Share of tokens that are hidden. Default 0.15. */
  maskShare?: number | undefined;
  /** Hide words as a whole. Default `false`. */
  wholeWords?: boolean | undefined;
  /** Learn as well whether one part follows the other. Default `true`, as BERT. */
  nextSentence?: boolean | undefined;
  /** Default 10,000. */
  steps?: number | undefined;
  /** Default 32. */
  batchSize?: number | undefined;
  /** Highest rate of AdamW. Default 5e-4, with `encoder` 5e-5. */
  learningRate?: number | undefined;
  /** Default: a tenth of the steps. */
  warmup?: number | undefined;
  /** Default 0.01. */
  weightDecay?: number | undefined;
  /** Default 1. */
  clip?: number | undefined;
  /** Names texts, masks and first weights. Default 0. */
  seed?: number | undefined;
  resume?: boolean | undefined;
  /** Steps between checkpoints; there is one every five minutes as well. Default 500. */
  checkpointEvery?: number | undefined;
  /** Steps between lines of metrics.jsonl. Default 10. */
  logEvery?: number | undefined;
  onProgress?: ((progress: PretrainingProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** How well hidden tokens are guessed, on text that was not learned from. */
export interface PretrainingScores {
  /** exp of the mean loss of hidden tokens: among how many words the model wavers. */
  perplexity: number;
  tokenAccuracy: number;
  /** Absent without next-sentence prediction. */
  nextSentenceAccuracy?: number;
}

export interface PretrainEncoderResult {
  /** The folder of the encoder, as Hugging Face writes it. */
  encoder: string;
  steps: number;
  metrics: Record<string, number>;
  /** Seconds of training in this call. */
  seconds: number;
  evaluation: PretrainingScores;
}

const STEP = ["loss", "tokenLoss", "tokenAccuracy", "nextSentenceLoss", "nextSentenceAccuracy"] as const;
const EVALUATION_BATCHES = 16;

/**
 * Pretrains a BERT encoder on text: hidden tokens are guessed, anew ones in every step, and whether one part of a text
 * follows the other. Texts, masks and weights come from `seed`: the same call gives the same encoder, also when it was
 * interrupted and resumed.
 *
 * @returns The encoder's folder, which `createPretrainedReader` and the reference library open, and its perplexity on text
 *   that was held out.
 * @throws SymgradError `E_USAGE` for impossible options, too little text, or a run resumed with other options; `E_EXISTS`
 *   if the run directory is taken; `E_ABORT` after the checkpoint that `signal` asked for; `E_RANGE` if it diverges.
 * @see Devlin et al. 2019, arXiv:1810.04805, section 3.1; Liu et al. 2019, arXiv:1907.11692 (dynamic masking).
 */
export async function pretrainEncoder(options: PretrainEncoderOptions): Promise<PretrainEncoderResult> {
  const settings = resolveSettings(options);
  const { steps, batchSize, maximumTokens, maskShare, wholeWords, nextSentence } = settings;
  const root = key(settings.seed);
  const text = await readTexts(options.files, options.evaluation);
  const start = await startOf(options, text.training);
  const { tokenizer, config } = start;
  if (maximumTokens > config.max_position_embeddings) {
    throw new SymgradError(
      "E_USAGE",
      `pretrainEncoder: \`maximumTokens\` is ${maximumTokens}, the encoder reads ${config.max_position_embeddings}.`,
    );
  }
  const pairsOf = (documents: readonly string[][]) =>
    createSentencePairs(encodeDocuments(documents, tokenizer), {
      maximumTokens: maximumTokens - (nextSentence ? 3 : 2),
      nextSentence,
    });
  const batching = { tokenizer, maximumTokens, maskShare, wholeWords, batchSize };
  const training = pairsOf(text.training);
  const evaluation = pairsOf(text.evaluation);
  const model = new PretrainingModel(config, { key: root.fold("weights"), nextSentence });
  const parameters = pretrainingParameters(model, config);
  if (start.pretrained) loadEncoderWeights(parameters, start.pretrained);
  const optimizer = new AdamW({ parameters, weightDecay: settings.weightDecay });
  const schedule = linearSchedule({ peak: settings.learningRate, warmup: settings.warmup, total: steps });
  const dropout = config.hidden_dropout_prob > 0;
  const step = jit(
    (inputs: PretrainingInputs, stepKey: RandomKey, rate: tf.Scalar) => {
      const kept: tf.Tensor[] = [];
      const { gradients } = valueAndGradients(() => {
        const loss = model.loss(inputs, dropout ? stepKey : undefined);
        const total = tf.add<tf.Scalar>(loss.tokens, loss.nextSentence);
        const { tokens, tokenAccuracy, nextSentence: relation, nextSentenceAccuracy } = loss;
        for (const metric of [total, tokens, tokenAccuracy, relation, nextSentenceAccuracy]) {
          kept.push(tf.keep(metric.clone()));
        }
        return total;
      }, parameters);
      optimizer.apply(clipByGlobalNorm(gradients, settings.clip).gradients, rate);
      const result = tf.stack(kept);
      tf.dispose(kept);
      return result;
    },
    { name: "pretrain" },
  );
  const score = jit(
    (inputs: PretrainingInputs) => {
      const { tokens, tokenAccuracy, nextSentenceAccuracy } = model.loss(inputs);
      return tf.stack([tokens, tokenAccuracy, nextSentenceAccuracy, inputs.counts.sum()]);
    },
    { name: "pretrain.evaluate" },
  );
  try {
    const runConfig = JSON.parse(
      JSON.stringify({ task: "pretraining", encoder: config, ...settings, text: text.fingerprint }),
    ) as object;
    const run = options.resume
      ? await resumeRun(options.output, runConfig)
      : await RunDirectory.create(options.output, runConfig);
    const checkpoint = options.resume ? await run.latestCheckpoint() : undefined;
    if (checkpoint) {
      for (const [file, variables] of [
        ["model.safetensors", parameters],
        ["optimizer.safetensors", optimizer.state()],
      ] as const) {
        const where = join(checkpoint.path, file);
        loadParameters(variables, (await readSafetensors(where)).tensors, { where });
      }
    }
    let metrics: Record<string, number> = {};
    const began = performance.now();
    await trainLoop({
      run,
      steps,
      startStep: checkpoint?.step ?? 0,
      step: async (index) => {
        const stepKey = root.fold("step").fold(index);
        const inputs = createPretrainingBatch(training, stepKey, batching);
        const rate = tf.scalar(schedule(index));
        const result = await step(inputs, stepKey.fold("dropout"), rate);
        const values = await result.data();
        tf.dispose([inputs, rate, result] as unknown as tf.TensorContainer);
        metrics = { learningRate: schedule(index) };
        for (const [i, name] of STEP.entries()) {
          if (nextSentence || !name.startsWith("nextSentence")) metrics[name] = values[i]!;
        }
        return metrics;
      },
      checkpointEvery: options.checkpointEvery ?? 500,
      checkpointSeconds: 300,
      checkpoint: (done) =>
        run.saveCheckpoint(done, {
          files: { "model.safetensors": parameters, "optimizer.safetensors": optimizer.state() },
          state: { metrics },
        }),
      logEvery: options.logEvery ?? 10,
      onProgress: options.onProgress,
      signal: options.signal,
    });
    const seconds = (performance.now() - began) / 1000;
    const encoder = join(options.output, "encoder");
    await saveEncoder(encoder, config, tokenizer, parameters);

    const totals = new Float64Array(4);
    for (let batch = 0; batch < EVALUATION_BATCHES; batch++) {
      const inputs = createPretrainingBatch(evaluation, root.fold("evaluation").fold(batch), batching);
      const result = await score(inputs);
      const [loss, tokens, relation, count] = await result.data();
      tf.dispose([inputs, result] as unknown as tf.TensorContainer);
      for (const [i, value] of [loss! * count!, tokens! * count!, relation!, count!].entries())
        totals[i]! += value;
    }
    const [loss, tokens, relation, count] = totals;
    return {
      encoder,
      steps,
      metrics,
      seconds,
      evaluation: {
        perplexity: Math.exp(loss! / count!),
        tokenAccuracy: tokens! / count!,
        ...(nextSentence ? { nextSentenceAccuracy: relation! / EVALUATION_BATCHES } : {}),
      },
    };
  } finally {
    step.dispose();
    score.dispose();
    optimizer.dispose();
    model.dispose();
  }
}

const BERT: Partial<ReaderConfig> & { model_type: "bert" } = {
  model_type: "bert",
  normalization: "post",
  short_convolution: 0,
  equal_start: 0,
  embedding_norm: true,
  hidden_dropout_prob: 0.1,
  layer_norm_eps: 1e-12,
  word_initializer_range: 0.02,
  position_initializer_range: 0.02,
  hidden_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 512,
};

interface Start {
  tokenizer: DigitTokenizer;
  config: ReaderConfig;
  /** Of an encoder to go on from. */
  pretrained?: { tensors: ReadonlyMap<string, StoredTensor>; where: string };
}

/** The encoder and the tokenizer before the first step. */
async function startOf(options: PretrainEncoderOptions, documents: readonly string[][]): Promise<Start> {
  if (options.encoder !== undefined) {
    const place = await resolveCheckpoint(options.encoder);
    const { config, tokenizer, tensors, where } = await loadEncoder(place, { digits: "whole" });
    if (config.model_type !== "bert") {
      throw new SymgradError("E_USAGE", `a ${config.model_type} cannot be pretrained here, only a BERT.`, {
        where: place,
      });
    }
    return {
      tokenizer,
      config: createReaderConfig({ ...config, ...options.config }),
      pretrained: { tensors, where },
    };
  }
  const tokenizer =
    options.tokenizer === undefined
      ? buildVocabulary(documents.flat(), options.vocabularySize ?? 8000)
      : await DigitTokenizer.fromFolder(options.tokenizer, { digits: "whole" });
  const config = createReaderConfig({ ...BERT, ...options.config, vocab_size: tokenizer.size });
  return { tokenizer, config };
}

/** Takes over what the pretrained encoder has; heads that it lacks stay as they were drawn. */
function loadEncoderWeights(
  parameters: ReadonlyMap<string, tf.Variable>,
  { tensors, where }: NonNullable<Start["pretrained"]>,
): void {
  const names = [...parameters.keys()].filter((name) => /^bert\.(?:embeddings|encoder)\./.test(name));
  const found = names.flatMap((name) => (tensors.has(name) ? [[name, tensors.get(name)!] as const] : []));
  loadParameters(new Map(names.map((name) => [name, parameters.get(name)!])), new Map(found), { where });
}
