import { type JitFunction, jit, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { endLoss, type SpanLists } from "../losses/endLoss";
import type { Prediction } from "../reader/prediction";
import type { Reader } from "../reader/reader";
import { roundUp } from "../reader/readerBatch";
import { createReaderFeatures, type PreparedText } from "../reader/readerFeatures";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";
import { attentionRollout } from "./attentionRollout";
import { integratedGradients } from "./integratedGradients";
import { type JoinedText, type JoinedToken, joinText } from "./joinText";

/** A token with what it means for the answer. */
export interface ExplainedToken extends JoinedToken {
  /** 2-norm of the gradient of -log p(answer) by the token's input vector: the paper's figure 2. */
  gradientNorm: number;
  /** Integrated gradients of log p(answer), nats: above 0 the token speaks for the answer, below 0 against it. */
  attribution: number;
  /** Share of the attention of the answer's first and last token, through all layers; sums to 1. */
  attention: number;
}

/** Why a reader answered as it did. */
export interface Explanation {
  question: string;
  passage: string;
  prediction: Prediction;
  /** log p(answer), over all spans that equal it, nats. */
  logProb: number;
  /** The same where the words are blank: every word vector is that of [PAD]. */
  baselineLogProb: number;
  /** Sum of the attributions less `logProb - baselineLogProb`: the error of the integral, 0 if it were exact. */
  completenessError: number;
  /** What the reader read, in order: question, passage, and the functions' results. */
  tokens: ExplainedToken[];
}

export interface ExplainOptions {
  /** Points of the integral. Default 64. */
  steps?: number | undefined;
}

/** Points of the integral that are computed together. */
const TOGETHER = 4;

interface ReadingInputs {
  mask: tf.Tensor2D;
  answerable: tf.Tensor2D;
  spans: SpanLists;
}

interface LookInputs extends ReadingInputs {
  ids: tf.Tensor2D;
  positions: tf.Tensor2D;
  segments: tf.Tensor2D;
  /** What the integral starts from: [PAD] in place of words, special tokens as they are. */
  blank: tf.Tensor2D;
  /** Half on the answer's first token, half on its last. */
  weights: tf.Tensor2D;
}

interface Reading extends LookInputs {
  joined: JoinedText;
}

interface Looked {
  reading: Reading;
  /** What the encoder reads, `[1, tokens, hidden]`. */
  vectors: tf.Tensor3D;
  /** The same with blank words. */
  baseline: tf.Tensor3D;
  /** -log p(answer) of both. */
  losses: Float32Array;
  attention: Float32Array;
}

/**
 * Explains a reader's answers by what the reasoning pass reads: gradient norms, integrated gradients and attention for
 * each token of question, passage and the function's result. Examples of about one length share graphs.
 */
export class Explainer {
  readonly #reader: Reader;
  readonly #look: JitFunction<
    [LookInputs],
    { vectors: tf.Tensor3D; baseline: tf.Tensor3D; losses: tf.Tensor1D; attention: tf.Tensor2D }
  >;
  readonly #slope: JitFunction<[tf.Tensor3D, ReadingInputs], tf.Tensor3D>;

  constructor(reader: Reader) {
    this.#reader = reader;
    const { encoder } = reader.model;
    this.#look = jit(
      ({ ids, positions, segments, blank, weights, ...reading }: LookInputs) => {
        const places = encoder.places(positions, segments);
        const vectors = tf.add<tf.Tensor3D>(encoder.words(ids), places);
        const baseline = tf.add<tf.Tensor3D>(encoder.words(blank), places);
        return {
          vectors,
          baseline,
          losses: this.#losses(tf.concat([vectors, baseline], 0), reading),
          attention: attentionRollout(encoder, vectors, reading.mask, weights),
        };
      },
      { name: "reader.explain" },
    );
    this.#slope = jit(
      (points: tf.Tensor3D, reading: ReadingInputs) =>
        tf.grad((at) => this.#losses(at as tf.Tensor3D, reading).sum())(points) as tf.Tensor3D,
      { name: "reader.explain.gradient" },
    );
  }

  /** -log p(answer) of each reading of one text, `[readings]`, from input vectors `[readings, tokens, hidden]`. */
  #losses(vectors: tf.Tensor3D, { mask, answerable, spans }: ReadingInputs): tf.Tensor1D {
    const { encoder, span } = this.#reader.model;
    const many = <T extends tf.Tensor2D>(x: T) => tf.tile(x, [vectors.shape[0], 1]) as T;
    const { start, end } = span.apply(encoder.apply(vectors, { mask: many(mask) }));
    const lists = { starts: many(spans.starts), ends: many(spans.ends), valid: many(spans.valid) };
    return endLoss(start, end, many(answerable), lists).losses;
  }

  /**
   * Answers a question and explains the answer. Of a passage that is read in windows, the one with the answer.
   *
   * @throws SymgradError `E_LENGTH` if a question leaves no room for the passage; `E_USAGE` for an answer that is not one
   *   span.
   */
  async explain(
    example: { question: string; passage: string },
    options: ExplainOptions = {},
  ): Promise<Explanation> {
    const [prediction] = (await this.#reader.predict([example])) as [Prediction];
    if (prediction.head && prediction.head !== "span") {
      throw new SymgradError(
        "E_USAGE",
        `the ${prediction.head} head answered "${prediction.answer}"; what is explained is the probability of one span.`,
        { hint: "ask a question whose answer is one span of the text or of a result" },
      );
    }
    const readings: Looked[] = [];
    try {
      for (const text of await this.#windows(example, prediction)) {
        readings.push(await this.#run(this.#reading(text, prediction)));
      }
      const best = readings.reduce((a, b) => (b.losses[0]! < a.losses[0]! ? b : a));
      return await this.#measure(example, prediction, best, options);
    } finally {
      for (const { reading, vectors, baseline } of readings) {
        const { joined, ...inputs } = reading;
        tf.dispose([inputs, vectors, baseline] as unknown as tf.TensorContainer);
      }
    }
  }

  async #run(reading: Reading): Promise<Looked> {
    const { joined, ...inputs } = reading;
    const { vectors, baseline, losses, attention } = await this.#look(inputs);
    const values = { losses: await losses.data(), attention: await attention.data() };
    tf.dispose([losses, attention]);
    return { reading, vectors, baseline, ...values } as Looked;
  }

  async #measure(
    { question, passage }: { question: string; passage: string },
    prediction: Prediction,
    { reading: { joined, mask, answerable, spans }, vectors, baseline, losses, attention }: Looked,
    { steps }: ExplainOptions,
  ): Promise<Explanation> {
    const slope = (points: tf.Tensor) => this.#slope(points as tf.Tensor3D, { mask, answerable, spans });
    const at = await slope(vectors);
    const squeezed = tf.tidy(() => [vectors.squeeze([0]), baseline.squeeze([0])] as const);
    const parts = await integratedGradients(slope, squeezed[0], squeezed[1], { steps, together: TOGETHER });
    const [norms, attributions] = tf.tidy(() => [
      at.squeeze([0]).square().sum(-1).sqrt().dataSync(),
      parts.sum(-1).neg().dataSync(),
    ]);
    tf.dispose([at, parts, ...squeezed]);
    const [logProb, baselineLogProb] = [-losses[0]!, -losses[1]!];
    const count = joined.tokens.length;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += attributions![i]!;
    return {
      question,
      passage,
      prediction,
      logProb,
      baselineLogProb,
      completenessError: sum - (logProb - baselineLogProb),
      tokens: joined.tokens.map((token, i) => ({
        ...token,
        gradientNorm: norms![i]!,
        attribution: attributions![i]!,
        attention: attention[i]!,
      })),
    };
  }

  /** The windows that the answer and its call can come from. */
  async #windows(
    example: { question: string; passage: string },
    prediction: Prediction,
  ): Promise<PreparedText[]> {
    const texts = await createReaderFeatures([example], this.#reader.featureOptions, () => "the example");
    const asked = prediction.calls.flatMap(({ quantities }) => quantities);
    const holds = (text: PreparedText) => {
      const [from, to] = answerTokens(
        joinText(text, resultsOf(this.#reader, prediction), this.#reader.tokenizer),
        prediction,
      );
      return from >= 0 && to >= 0 && asked.every((quantity) => text.places.includes(quantity));
    };
    const holding = texts.filter(holds);
    return holding.length > 0 ? holding : texts.slice(0, 1);
  }

  #reading(text: PreparedText, prediction: Prediction): Reading {
    const { tokenizer, config, limits } = this.#reader;
    const joined = joinText(text, resultsOf(this.#reader, prediction), tokenizer);
    const count = joined.ids.length;
    const tokens = Math.max(count, Math.min(roundUp(count, 16), config.max_position_embeddings));
    const padded = (values: ArrayLike<number>, fill = 0) =>
      Array.from({ length: tokens }, (_, i) => values[i] ?? fill);
    const whole = (values: number[]) => tf.tensor2d([values], undefined, "int32");
    const allowed = joined.tokens.map(({ source }, i) =>
      i === 0
        ? config.no_answer
        : source !== "special" && (source !== "question" || config.answer_in_question),
    );
    const [from, to] = answerTokens(joined, prediction);
    const found = this.#spans(joined, from, to, limits.wholeWords).filter(([start]) => allowed[start]);
    const blank = joined.ids.map((id, i) =>
      joined.tokens[i]!.source === "special" ? id : tokenizer.special.pad,
    );
    const weights = padded([]);
    weights[from]! += 0.5;
    weights[to]! += 0.5;
    return {
      joined,
      ids: whole(padded(joined.ids, tokenizer.special.pad)),
      blank: whole(padded(blank, tokenizer.special.pad)),
      positions: whole(padded([]).map((_, i) => i)),
      segments: whole(padded(joined.segments)),
      mask: tf.tensor2d([padded(Array.from(joined.ids, () => 1))]),
      answerable: tf.tensor2d([padded(allowed.map(Number))]),
      weights: tf.tensor2d([weights]),
      spans: spanLists(found),
    };
  }

  /** All spans that equal the answer, the predicted one among them. */
  #spans({ ids, tokens }: JoinedText, from: number, to: number, wholeWords: boolean): [number, number][] {
    const { tokenizer } = this.#reader;
    const predicted: [number, number] = [from, to];
    if (from === 0 || !wholeWords) return [predicted];
    const answer = ids.subarray(from, to + 1);
    const found = findAnswerSpans(ids, answer, (id) => tokenizer.isContinuation(id), tokenizer.decimalPoint);
    const within = found.filter(
      ([start, end]) =>
        tokens[start]!.source === tokens[end]!.source && tokens[start]!.call === tokens[end]!.call,
    );
    return within.some(([start, end]) => start === from && end === to) ? within : [...within, predicted];
  }

  /** Frees the graphs; the reader stays. */
  dispose(): void {
    this.#look.dispose();
    this.#slope.dispose();
  }
}

/** One row of spans, with room to a multiple of 4, so that texts share graphs. */
function spanLists(spans: readonly (readonly [number, number])[]): SpanLists {
  const row = (value: (span: readonly [number, number]) => number) =>
    Array.from({ length: Math.max(4, roundUp(spans.length, 4)) }, (_, i) => (spans[i] ? value(spans[i]) : 0));
  return {
    starts: tf.tensor2d([row(([start]) => start)], undefined, "int32"),
    ends: tf.tensor2d([row(([, end]) => end)], undefined, "int32"),
    valid: tf.tensor2d([row(() => 1)]),
  };
}

/** What the reader read behind the passage, for each of its functions. */
const resultsOf = ({ layers }: Reader, { calls }: Prediction) =>
  layers.map((_, stage) => calls[stage]?.result ?? "");

/** First and last token of the predicted answer; [CLS] for none, -1 where the text does not hold it. */
function answerTokens(
  { tokens }: JoinedText,
  { answer, source, call, start, end }: Prediction,
): [number, number] {
  if (answer === "") return [0, 0];
  const isThere = (token: JoinedToken) => token.source === source && token.call === call;
  const from = tokens.findIndex((token) => isThere(token) && token.start === start);
  const to = tokens.findLastIndex((token) => isThere(token) && token.end === end);
  return to < from ? [-1, -1] : [from, to];
}

/**
 * Answers one question and explains the answer; for many see {@link Explainer}.
 *
 * @throws SymgradError As {@link Explainer.explain}.
 */
export async function explainPrediction(
  reader: Reader,
  example: { question: string; passage: string },
  options?: ExplainOptions,
): Promise<Explanation> {
  const explainer = new Explainer(reader);
  try {
    return await explainer.explain(example, options);
  } finally {
    explainer.dispose();
  }
}
