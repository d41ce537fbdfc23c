import { type JitFunction, jit, oneHot, type RandomKey, SymgradError } from "@symgrad/core";
import { straightThroughGumbel } from "@symgrad/gumbel";
import { moveCandidate, type Registry, type SymbolicLayer } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { storedName } from "../checkpoint/bertNames";
import { DigitTokenizer } from "../tokenization/digitTokenizer";
import { answerQuestions, featureOptionsOf } from "./answerQuestions";
import { argumentLayout, assertStages } from "./argumentLayout";
import { functionCall } from "./functionCall";
import type { Prediction } from "./prediction";
import { type BatchOptions, type BatchShape, collateInputs, roundUp, smallestShape } from "./readerBatch";
import { createReaderConfig, DEFAULT_READER_CONFIG, functionNames, type ReaderConfig } from "./readerConfig";
import type { FeatureOptions, PreparedText, ReaderFeatures } from "./readerFeatures";
import { type ReaderInputs, ReaderModel } from "./readerModel";
import type { ReadHeads, ReadWindow } from "./readWindow";
import { saveReader } from "./saveReader";

/** What a reader refuses or leaves out; written to `reader.json`. */
export interface ReaderLimits {
  /** Longest answer in tokens. */
  answerTokens: number;
  /** How many quantities of a text become arguments; later ones are not considered. */
  quantities: number;
  /** How many other answers a prediction lists. */
  alternatives: number;
  /** Longest window in tokens, question and function result included; absent: as long as the encoder reads. */
  windowTokens?: number;
  /** How many tokens the windows of a long passage have in common with the next one; at most half a window's. */
  overlap: number;
  /** Whether an answer is whole words only; without it, any tokens. */
  wholeWords: boolean;
  /** A reader that may give no answer does so where its logit is above the best span's by more than this. */
  noAnswerThreshold: number;
}

export const DEFAULT_READER_LIMITS: ReaderLimits = {
  answerTokens: 30,
  quantities: 64,
  alternatives: 4,
  overlap: 128,
  wholeWords: true,
  noAnswerThreshold: 0,
};

/**
 * The limits of a reader whose configuration says no others. Results of several functions are kept for every combination
 * of their arguments, so that a reader that calls several considers fewer quantities.
 */
function readerLimits(config: ReaderConfig): ReaderLimits {
  const stages = config.calculator ? functionNames(config).length : 1;
  const quantities = [DEFAULT_READER_LIMITS.quantities, 12, 6][stages - 1] ?? 4;
  return { ...DEFAULT_READER_LIMITS, quantities };
}

export interface CreateReaderOptions {
  /** Knows the functions that the configuration names; not needed without a calculator. */
  registry?: Registry | undefined;
  tokenizer?: DigitTokenizer | undefined;
  /** Names the first weights. */
  key: RandomKey;
  /** `vocab_size` is at least the tokenizer's size. */
  config?: Partial<ReaderConfig> | undefined;
  limits?: Partial<ReaderLimits> | undefined;
}

interface ForwardResult {
  /** Logits, `[batch, tokens]`; of tokens that are no answer they have no meaning. */
  start: tf.Tensor2D;
  end: tf.Tensor2D;
  /**
   * Of each function the chosen candidate, counted over this and all earlier ones, its probability given what was called
   * before, and whether there was none, `[batch]` each.
   */
  choices: { index: tf.Tensor1D; probability: tf.Tensor1D; empty: tf.Tensor1D }[];
  /** See `HeadLogits`; absent where there is the span head alone. */
  heads?: { types: tf.Tensor2D; count?: tf.Tensor2D; tags?: tf.Tensor3D };
}

/** Answers questions about passages, with the help of symbolic functions. Made by `trainReader`, `loadReader` or `createReader`. */
export class Reader {
  readonly config: ReaderConfig;
  readonly limits: ReaderLimits;
  readonly tokenizer: DigitTokenizer;
  readonly model: ReaderModel;
  /** The functions as layers, in the order in which they are called; empty without a calculator. */
  readonly layers: readonly SymbolicLayer[];
  /** Temperature of the straight-through estimator while training; a variable, so that a schedule may move it. */
  readonly temperature: tf.Variable;
  readonly #forward: JitFunction<[ReaderInputs], ForwardResult>;

  /** @internal Use {@link createReader}. */
  constructor(options: CreateReaderOptions & { tokenizer: DigitTokenizer; config: ReaderConfig }) {
    const { config, tokenizer, registry } = options;
    this.config = config;
    this.tokenizer = tokenizer;
    this.limits = { ...readerLimits(config), ...options.limits };
    this.temperature = tf.tidy(() => tf.variable(tf.scalar(1), false));
    this.layers = config.calculator ? this.#createLayers(registry) : [];
    assertStages(this.layers.map((layer) => layer.function));
    const stages = this.layers.map((layer) => {
      const layout = argumentLayout(layer.function);
      return { argumentCount: layout.arguments.length, literalCount: layout.literals.length };
    });
    this.model = new ReaderModel(config, { key: options.key, stages });
    this.#forward = jit((inputs: ReaderInputs) => this.#predictBatch(inputs), { name: "reader.predict" });
  }

  #createLayers(registry: Registry | undefined): SymbolicLayer[] {
    const names = functionNames(this.config);
    if (!registry) {
      throw new SymgradError(
        "E_USAGE",
        `this reader calls "${names.join('", "')}", and no registry was given.`,
        {
          hint: "pass { registry: createRegistry([calculator]) }",
        },
      );
    }
    return names.map((name) =>
      registry.layer(name, {
        estimator: straightThroughGumbel({ temperature: this.temperature as tf.Tensor as tf.Scalar }),
        vocabulary: this.tokenizer,
        onUndefined: "mask",
      }),
    );
  }

  /** The first function as a layer; undefined without a calculator. */
  get layer(): SymbolicLayer | undefined {
    return this.layers[0];
  }

  /** What preparing a text needs. */
  get featureOptions(): FeatureOptions {
    return featureOptionsOf(this);
  }

  /** What batching prepared texts needs. */
  get batchOptions(): BatchOptions {
    const { special } = this.tokenizer;
    return {
      layers: this.layers,
      separator: special.sep,
      padding: special.pad,
      positions: this.config.max_position_embeddings,
      answerInQuestion: this.config.answer_in_question,
      noAnswer: this.config.no_answer,
    };
  }

  /** The trainable variables under their names in `model.safetensors`. */
  parameters(): Map<string, tf.Variable> {
    const { model_type: modelType } = this.config;
    return new Map(
      [...this.model.parameters()].map(([name, variable]) => [storedName(name, modelType), variable]),
    );
  }

  /**
   * Answers questions, without noise. A text with fewer quantities than the function takes is read without it; a passage
   * that is longer than the model reads, in windows that overlap, among whose spans the answer is the best of all.
   *
   * @throws SymgradError `E_LENGTH` if a question leaves no room for the passage.
   */
  async predict(batch: readonly { passage: string; question: string }[]): Promise<Prediction[]> {
    return answerQuestions(batch, this, (part) => this.#read(part));
  }

  async #read(part: readonly PreparedText[]): Promise<ReadWindow[]> {
    const features = part.map((text) => text.features);
    const size = 2 ** Math.ceil(Math.log2(features.length));
    while (features.length < size) features.push(features[0]!);
    const shape = sharedShape(features);
    const inputs = collateInputs(features, shape, this.batchOptions);
    const outputs = await this.#forward(inputs);
    tf.dispose(inputs as unknown as tf.TensorContainer);
    try {
      const [start, end] = await Promise.all([outputs.start.data(), outputs.end.data()]);
      const heads = await readHeads(outputs.heads);
      const choices = await Promise.all(
        outputs.choices.map(({ index, probability, empty }) =>
          Promise.all([index.data(), probability.data(), empty.data()]),
        ),
      );
      const width = outputs.start.shape[1];
      const padded = shape.stages.map(({ candidates }) => candidates);
      return part.map((text, row) => {
        const calls = choices.flatMap(([index, probability, empty], stage) => {
          if (empty[row]) return [];
          const candidate = moveCandidate(
            index[row]!,
            padded.slice(0, stage + 1),
            text.features.stages.slice(0, stage + 1).map(({ candidates }) => candidates),
          );
          return [functionCall(this.layers[stage]!.function, text, stage, candidate, probability[row]!)];
        });
        const from = row * width + shape.tokens - text.features.ids.length;
        const to = (row + 1) * width;
        const first = shape.tokens - text.features.ids.length;
        return {
          text,
          calls,
          start: start.slice(from, to),
          end: end.slice(from, to),
          heads: heads?.(row, first),
        };
      });
    } finally {
      tf.dispose(outputs as unknown as tf.TensorContainer);
    }
  }

  #predictBatch(inputs: ReaderInputs): ForwardResult {
    const { stages, spans } = this.model.forward(inputs, this.layers);
    const choices = stages.map(({ scores, called: { choice, joint } }) => {
      const probability = oneHot(choice.index, scores.shape[1]).mul(choice.probs).sum(-1) as tf.Tensor1D;
      return { index: joint.index, probability, empty: joint.empty };
    });
    const { start, end, heads } = spans;
    if (!heads) return { start, end, choices };
    const { types, count, tags } = heads;
    return { start, end, choices, heads: { types, ...(count ? { count } : {}), ...(tags ? { tags } : {}) } };
  }

  /**
   * Writes `reader.json`, `config.json`, `model.safetensors`, `tokenizer.json` and `vocab.txt`, from which `loadReader`
   * makes the reader again. A reader on a BERT encoder is a Hugging Face folder as well: its encoder and span head load
   * in the reference library as `BertForQuestionAnswering`.
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

/** What the heads say of a row, whose tags begin at a token. */
async function readHeads(heads: ForwardResult["heads"]) {
  if (!heads) return undefined;
  const { types, count, tags } = heads;
  const [typeLogits, countLogits, tagLogits] = await Promise.all([types.data(), count?.data(), tags?.data()]);
  const cut = (values: ArrayLike<number> | undefined, row: number, width: number, first = 0) =>
    values && Array.from({ length: width - first }, (_, i) => values[row * width + first + i]!);
  return (row: number, first: number): ReadHeads => ({
    types: cut(typeLogits, row, types.shape[1])!,
    count: cut(countLogits, row, count?.shape[1] ?? 0),
    tags: tags && cut(tagLogits, row, tags.shape[1] * tags.shape[2], first * tags.shape[2]),
  });
}

/** A shape that many batches share: each size rounded up. */
function sharedShape(features: readonly ReaderFeatures[]): BatchShape {
  const shape = smallestShape(features);
  return {
    ...shape,
    tokens: roundUp(shape.tokens, 8),
    quantities: roundUp(shape.quantities, 4),
    stages: shape.stages.map((stage) => ({
      ...stage,
      candidates: roundUp(stage.candidates, 16),
      length: roundUp(stage.length, 8),
    })),
  };
}

/**
 * A reader with first weights drawn from `key`: what `trainReader` starts from.
 *
 * @throws SymgradError `E_NAME` if the registry does not know the function; `E_FORMAT` for an impossible shape.
 */
export function createReader(options: CreateReaderOptions): Reader {
  const { calculator = true, function: named = DEFAULT_READER_CONFIG.function } = options.config ?? {};
  const { registry } = options;
  // The words that the functions write belong to the vocabulary.
  const symbols = calculator
    ? functionNames({ function: named }).flatMap((name) =>
        registry?.has(name) ? (registry.get(name).output.symbols ?? []) : [],
      )
    : [];
  const tokenizer = options.tokenizer ?? DigitTokenizer.synthetic(symbols);
  // An encoder may have rows that its tokenizer does not use.
  const rows = Math.max(tokenizer.size, options.config?.vocab_size ?? 0);
  const config = createReaderConfig({ ...options.config, vocab_size: rows });
  return new Reader({ ...options, tokenizer, config });
}
