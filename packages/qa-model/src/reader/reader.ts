import {
  type JitFunction,
  jit,
  logSumExp,
  maskLogits,
  oneHot,
  type RandomKey,
  SymgradError,
} from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import type { Registry, SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";

import { DigitTokenizer } from "../tokenization/digitTokenizer";
import { decodeSpans } from "./decodeSpans";
import { resultText } from "./functionRow";
import type { Answer, FunctionCall, Prediction } from "./prediction";
import { type BatchOptions, type BatchShape, collateInputs, roundUp, smallestShape } from "./readerBatch";
import { createReaderConfig, type ReaderConfig } from "./readerConfig";
import {
  createReaderFeatures,
  type EncodedText,
  type FeatureOptions,
  type PreparedText,
  type ReaderFeatures,
} from "./readerFeatures";
import { type ReaderInputs, ReaderModel } from "./readerModel";
import { saveReader } from "./saveReader";

/** What a reader refuses or leaves out; written to `reader.json`. */
export interface ReaderLimits {
  /** Longest answer in tokens. */
  answerTokens: number;
  /** How many quantities of a text become arguments; later ones are not considered. */
  quantities: number;
  /** How many other answers a prediction lists. */
  alternatives: number;
}

export const DEFAULT_READER_LIMITS: ReaderLimits = { answerTokens: 30, quantities: 64, alternatives: 4 };

/** Most examples in one run of the model. */
const LARGEST_BATCH = 64;

export interface CreateReaderOptions {
  /** Knows the function that the configuration names; not needed without a calculator. */
  registry?: Registry | undefined;
  tokenizer?: DigitTokenizer | undefined;
  /** Names the first weights. */
  key: RandomKey;
  /** `vocab_size` comes from the tokenizer. */
  config?: Partial<ReaderConfig> | undefined;
  limits?: Partial<ReaderLimits> | undefined;
}

interface ForwardResult {
  /** log p_start and log p_end, `[batch, tokens]`. */
  start: tf.Tensor2D;
  end: tf.Tensor2D;
  /** The chosen candidate and its probability, `[batch]` each; absent without a calculator. */
  choice?: { index: tf.Tensor1D; probability: tf.Tensor1D; empty: tf.Tensor1D };
}

/** Answers questions about passages, with a symbolic function's help. Made by `trainReader`, `loadReader` or `createReader`. */
export class Reader {
  readonly config: ReaderConfig;
  readonly limits: ReaderLimits;
  readonly tokenizer: DigitTokenizer;
  readonly model: ReaderModel;
  /** The function as a layer; undefined without a calculator. */
  readonly layer: SymbolicLayer | undefined;
  /** Temperature of the straight-through estimator while training; a variable, so that a schedule may move it. */
  readonly temperature: tf.Variable;
  readonly #forward: JitFunction<[ReaderInputs], ForwardResult>;

  /** @internal Use {@link createReader}. */
  constructor(options: CreateReaderOptions & { tokenizer: DigitTokenizer; config: ReaderConfig }) {
    const { config, tokenizer, registry } = options;
    this.config = config;
    this.tokenizer = tokenizer;
    this.limits = { ...DEFAULT_READER_LIMITS, ...options.limits };
    this.temperature = tf.tidy(() => tf.variable(tf.scalar(1), false));
    this.layer = config.calculator ? this.#createLayer(registry) : undefined;
    this.model = new ReaderModel(config, {
      key: options.key,
      argumentCount: this.layer ? Object.keys(this.layer.function.args).length : 0,
    });
    this.#forward = jit((inputs: ReaderInputs) => this.#predictBatch(inputs), { name: "reader.predict" });
  }

  #createLayer(registry: Registry | undefined): SymbolicLayer {
    if (!registry) {
      throw new SymgradError(
        "E_USAGE",
        `this reader calls "${this.config.function}", and no registry was given.`,
        {
          hint: "pass { registry: createRegistry([calculator]) }",
        },
      );
    }
    return registry.layer(this.config.function, {
      estimator: straightThroughGumbel({ temperature: this.temperature as tf.Tensor as tf.Scalar }),
      vocabulary: this.tokenizer,
      onUndefined: "mask",
    });
  }

  /** What preparing a text needs. */
  get featureOptions(): FeatureOptions {
    return {
      tokenizer: this.tokenizer,
      layer: this.layer,
      maximumTokens: this.config.max_position_embeddings,
      maximumQuantities: this.limits.quantities,
    };
  }

  /** What batching prepared texts needs. */
  get batchOptions(): BatchOptions {
    const { special } = this.tokenizer;
    return {
      layer: this.layer,
      separator: special.sep,
      padding: special.pad,
      positions: this.config.max_position_embeddings,
    };
  }

  /** The trainable variables under their names in `model.safetensors`. */
  parameters(): Map<string, tf.Variable> {
    return this.model.parameters();
  }

  /**
   * Answers questions, without noise. A text with fewer quantities than the function takes is read without it.
   *
   * @throws SymgradError `E_LENGTH` if a text is longer than the model reads.
   */
  async predict(batch: readonly { passage: string; question: string }[]): Promise<Prediction[]> {
    const texts = await createReaderFeatures(batch, this.featureOptions, (row) => `item ${row} of the batch`);
    const examples = texts.map((text, row) => ({ row, example: batch[row]!, ...text }));
    // Texts of one length share a batch, and batches of one shape share a graph.
    examples.sort((a, b) => a.features.ids.length - b.features.ids.length);
    const predictions = new Array<Prediction>(batch.length);
    for (let from = 0; from < examples.length; from += LARGEST_BATCH) {
      const part = examples.slice(from, from + LARGEST_BATCH);
      const answered = await this.#answer(part);
      for (const [i, { row }] of part.entries()) predictions[row] = answered[i]!;
    }
    return predictions;
  }

  async #answer(part: PreparedExample[]): Promise<Prediction[]> {
    const features = part.map((example) => example.features);
    const size = 2 ** Math.ceil(Math.log2(features.length));
    while (features.length < size) features.push(features[0]!);
    const shape = sharedShape(features);
    const inputs = collateInputs(features, shape, this.batchOptions);
    const outputs = await this.#forward(inputs);
    tf.dispose(inputs as unknown as tf.TensorContainer);
    try {
      const [start, end] = await Promise.all([outputs.start.data(), outputs.end.data()]);
      const choice = outputs.choice;
      const [index, probability, empty] = choice
        ? await Promise.all([choice.index.data(), choice.probability.data(), choice.empty.data()])
        : [];
      const width = outputs.start.shape[1];
      return part.map((example, row) => {
        const call =
          index && probability && empty && !empty[row]
            ? this.#call(example, index[row]!, probability[row]!)
            : undefined;
        const from = row * width + shape.tokens - example.features.ids.length;
        const to = (row + 1) * width;
        return this.#decode(example, call, start.slice(from, to), end.slice(from, to));
      });
    } finally {
      tf.dispose(outputs as unknown as tf.TensorContainer);
    }
  }

  #predictBatch(inputs: ReaderInputs): ForwardResult {
    const { scores, called, spans } = this.model.forward(inputs, this.layer);
    const logSoftmax = (logits: tf.Tensor2D) => {
      const masked = maskLogits(logits, spans.mask);
      return masked.sub(logSumExp(masked)) as tf.Tensor2D;
    };
    const result: ForwardResult = { start: logSoftmax(spans.start), end: logSoftmax(spans.end) };
    if (!scores || !called) return result;
    const { index, probs, empty } = called.choice;
    const probability = oneHot(index, scores.shape[1]).mul(probs).sum(-1) as tf.Tensor1D;
    return { ...result, choice: { index, probability, empty } };
  }

  #call({ features, numbers }: PreparedText, candidate: number, probability: number): FunctionCall {
    const results = features.results!;
    const from = candidate * results.argumentCount;
    const quantities = [...results.row.tuples.subarray(from, from + results.argumentCount)];
    return {
      function: this.config.function,
      arguments: quantities.map((quantity) => numbers[quantity]!),
      quantities,
      result: resultText(results, candidate),
      probability,
    };
  }

  /** Whether a token continues a word or number; the point of a decimal does. */
  #continues(ids: Int32Array, at: number): boolean {
    const { tokenizer } = this;
    if (tokenizer.isContinuation(ids[at]!)) return true;
    return (
      ids[at] === tokenizer.decimalPoint && at + 1 < ids.length && tokenizer.isContinuation(ids[at + 1]!)
    );
  }

  #decode(
    example: PreparedExample,
    call: FunctionCall | undefined,
    start: ArrayLike<number>,
    end: ArrayLike<number>,
  ): Prediction {
    const { features, question, passage } = example;
    const result = call
      ? this.tokenizer.tokenize(call.result)
      : { ids: new Int32Array(), offsets: new Int32Array() };
    const { passageStart } = features;
    const regions = [
      { source: "question", text: example.example.question, encoded: question as EncodedText, from: 1 },
      {
        source: "passage",
        text: example.example.passage,
        encoded: passage as EncodedText,
        from: passageStart,
      },
      {
        source: "function",
        text: call?.result ?? "",
        encoded: result as EncodedText,
        from: features.ids.length,
      },
    ] as const;
    const source = new Int8Array(start.length).fill(-1);
    const continuation = new Uint8Array(start.length);
    for (const [number, { encoded, from }] of regions.entries()) {
      for (let i = 0; i < encoded.ids.length; i++) {
        source[from + i] = number;
        continuation[from + i] = this.#continues(encoded.ids, i) ? 1 : 0;
      }
    }
    const { answerTokens, alternatives } = this.limits;
    const spans = decodeSpans({
      start,
      end,
      source,
      continuation,
      maximumTokens: answerTokens,
      // Spans of one text are one answer: look at more than will be listed.
      count: 4 * (alternatives + 1),
    });
    const answers: Answer[] = [];
    const seen = new Set<string>();
    for (const span of spans) {
      const region = regions[source[span.start]!]!;
      const from = region.encoded.offsets[2 * (span.start - region.from)]!;
      const to = region.encoded.offsets[2 * (span.end - region.from) + 1]!;
      const answer = region.text.slice(from, to);
      if (seen.has(answer) || answers.length > alternatives) continue;
      const score = Math.exp(span.logProb);
      if (!Number.isFinite(score)) {
        throw new SymgradError("E_RANGE", `the reader's score of an answer is not a number (${score}).`, {
          hint: "its weights are broken: train again, with a lower learning rate",
        });
      }
      seen.add(answer);
      answers.push({ answer, score, start: from, end: to, source: region.source });
    }
    const best = answers[0] ?? { answer: "", score: 0, start: 0, end: 0, source: "passage" };
    return { ...best, calls: call ? [call] : [], alternatives: answers.slice(1) };
  }

  /**
   * Writes `reader.json`, `config.json`, `model.safetensors`, `tokenizer.json` and `vocab.txt`, from which `loadReader`
   * makes the reader again.
   *
   * @throws SymgradError `E_DISK` if the disk is full.
   */
  async save(folder: string): Promise<void> {
    await saveReader(this, folder);
  }

  /** Frees the variables and the graphs. */
  dispose(): void {
    this.#forward.dispose();
    this.model.dispose();
    this.temperature.dispose();
  }
}

interface PreparedExample extends PreparedText {
  example: { passage: string; question: string };
}

/** A shape that many batches share: each size rounded up. */
function sharedShape(features: readonly ReaderFeatures[]): BatchShape {
  const shape = smallestShape(features);
  return {
    ...shape,
    tokens: roundUp(shape.tokens, 8),
    quantities: roundUp(shape.quantities, 4),
    candidates: roundUp(shape.candidates, 16),
    length: roundUp(shape.length, 8),
  };
}

/**
 * A reader with first weights drawn from `key`: what `trainReader` starts from.
 *
 * @throws SymgradError `E_NAME` if the registry does not know the function; `E_FORMAT` for an impossible shape.
 */
export function createReader(options: CreateReaderOptions): Reader {
  const tokenizer = options.tokenizer ?? DigitTokenizer.synthetic();
  const config = createReaderConfig({ ...options.config, vocab_size: tokenizer.size });
  return new Reader({ ...options, tokenizer, config });
}
