import { isTracing, type RandomKey, SymgradError } from "@symgrad/core";
import type { Choice, Estimator, PathwiseEstimator, Temperature } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import { type Candidates, listCandidates } from "../candidates";
import type { SymbolicFunction } from "../define";
import { type EvaluationCounters, Evaluator } from "../evaluate";
import { show } from "../internal/show";
import { findOutputVocabulary, type TokenVocabulary } from "../output";
import { joinChoices } from "../stages/joinChoices";
import { axesOf, joinRows, listStaged, type PlaceOf, stageExamples } from "../stages/prepareAfter";
import { type CollateOptions, collate, type PreparedInputs } from "./collate";
import { gatherChoice } from "./gatherChoice";
import { createPrepared, type Prepared } from "./prepare";
import type { PreparedRow } from "./preparedRow";
import { prepareRows, prepareRowsSync, type RowOptions, type RowRules } from "./prepareRows";
import { type ChoiceWeights, createResultTokens, type ResultTokens } from "./resultTokens";
import { createTfLayer, type TfLayerOptions } from "./tfLayer";

/**
 * What happens to a candidate without a result. "mask": it cannot be chosen. "zero": it can, and reads as nothing.
 * `{ token }`: it can, and reads as that one token of the vocabulary. "fail": preparing it is an error. In every case
 * it is counted by reason.
 */
export type OnUndefined = "mask" | "zero" | "fail" | { readonly token: string };

export interface LayerOptions {
  /** How a choice is drawn and what gradient it gets. */
  estimator: Estimator;
  /** The tokens of the network that reads the results. */
  vocabulary: TokenVocabulary;
  /** Default "mask". */
  onUndefined?: OnUndefined;
  /** The most results kept (about 0.5 KB each). Default 65,536. An impure function's are never kept. */
  cacheSize?: number;
  /** Asynchronous calls under way at once, instead of what the function declares. */
  concurrency?: number;
  /** Milliseconds after which an asynchronous call is given up, instead of what the function declares. */
  timeoutMs?: number;
}

export interface PrepareOptions extends RowOptions {
  /** Pad to this many candidates, so that batches share one shape. Default: those of `scores`, or what the batch needs. */
  padCandidates?: number | undefined;
  /** Pad to this many tokens. Default: what the batch needs. */
  padLength?: number | undefined;
}

/** Every combination is evaluated: nothing is sampled or pruned here. */
export type PrepareAfterOptions = Pick<PrepareOptions, "padCandidates" | "padLength" | "signal">;

export interface RowsAfterOptions extends Pick<RowOptions, "signal"> {
  /**
   * The value that an argument's index stands for after a combination: what the row's tuples then have in place of
   * indices, where one index means different values after different combinations.
   */
  placeOf?: PlaceOf | undefined;
}

export interface ApplyOptions {
  /** Draws the noise. Without it the choice is the noise-free argmax, ties to the lowest index. */
  key?: RandomKey | undefined;
  /** Used instead of the estimator's own temperature. */
  temperature?: Temperature | undefined;
  /** What the stages chose that `prepareAfter` was given, in that order. */
  after?: readonly Applied[] | undefined;
}

/** What was called, for explanations. */
export interface Trace {
  /** The function's name. */
  readonly function: string;
  /** `[batch]`: softmax probability of what was chosen in all stages, 0 in an empty row. The caller disposes it. */
  probability(): tf.Tensor1D;
}

export interface Applied {
  /** Among the layer's own candidates. */
  choice: Choice;
  /** Among all combinations of the stages' candidates, the own ones changing fastest; without stages the same. */
  joint: Choice;
  tokens: ResultTokens;
  trace: Trace;
}

/** A discrete function as a differentiable layer: z = choice(scores), F~ = sum_i z_i E_i. */
export interface SymbolicLayer {
  readonly function: SymbolicFunction;
  readonly estimator: Estimator;
  readonly vocabulary: TokenVocabulary;
  /** Local id -> id in the vocabulary. */
  readonly outputVocabulary: Int32Array;
  /** Calls, cache hits and misses so far. */
  readonly counters: EvaluationCounters;
  /** What each example may ask the function; see {@link listCandidates}. */
  candidates(examples: readonly object[]): Candidates;
  /**
   * Runs the function for the candidates that the estimator needs and pads the results: for all of them, or, with
   * `scores`, for those it will sample or those that are not pruned. The caller disposes what it returns.
   *
   * @throws SymgradError `E_SHAPE` if `scores` does not fit; `E_USAGE` for pruning without scores; `E_FUNCTION`,
   *   `E_LENGTH`, `E_VOCABULARY` for what the function does wrong; `E_UNDEFINED` with `onUndefined: "fail"`; `E_ABORT`.
   */
  prepare(candidates: Candidates, options?: PrepareOptions): Promise<Prepared>;
  /** As `prepare`, at once. @throws SymgradError `E_USAGE` if the function is asynchronous. */
  prepareSync(candidates: Candidates, options?: PrepareOptions): Prepared;
  /**
   * As `prepare`, for a function with arguments `fromStage`: a table of its results for every combination of the earlier
   * stages' candidates with its own, so that the gradient reaches them and the step stays one graph.
   *
   * @param stages What the earlier stages prepared for the same examples, with results.
   * @throws SymgradError `E_RANGE` above 65,536 combinations for one example; `E_USAGE` if a stage has another batch, is
   *   there twice, or has compact rows.
   */
  prepareAfter(
    stages: readonly Prepared[],
    examples: readonly object[],
    options?: PrepareAfterOptions,
  ): Promise<Prepared>;
  prepareAfterSync(
    stages: readonly Prepared[],
    examples: readonly object[],
    options?: PrepareAfterOptions,
  ): Prepared;
  /** The results of each example without tensors, to be kept and collated batch by batch. */
  prepareRows(candidates: Candidates, options?: RowOptions): Promise<PreparedRow[]>;
  prepareRowsSync(candidates: Candidates, options?: RowOptions): PreparedRow[];
  /**
   * As `prepareRows`, of a later stage whose examples the caller lists: for each example one after every combination of
   * the earlier stages' candidates, such as with what those gave among its numbers. A row's table is that of `prepareAfter`.
   *
   * @param staged See {@link afterStages} for arguments `fromStage`.
   * @param axes For each example the candidates of each earlier stage; their product is how many `staged` has of it.
   * @throws SymgradError `E_RANGE` above 65,536 candidates for one example.
   */
  prepareRowsAfter(
    staged: readonly (readonly object[])[],
    axes: readonly (readonly number[])[],
    options?: RowsAfterOptions,
  ): Promise<PreparedRow[]>;
  collate(rows: readonly PreparedRow[], options?: CollateOptions): PreparedInputs;
  /**
   * Chooses a candidate for each example and reads its result. Synchronous, differentiable, traceable.
   *
   * @param scores One score per candidate in nats, `[batch, candidates]`, float32. Scores of padding do not matter.
   * @throws SymgradError `E_SHAPE` if `scores` does not fit `inputs`; `E_RANGE` if the score of an allowed candidate
   *   is NaN or +Infinity. Inside a traced function scores cannot be looked at: there such a row's F~ is NaN, and
   *   with it the loss.
   */
  apply(scores: tf.Tensor2D, inputs: PreparedInputs | Prepared, options?: ApplyOptions): Applied;
  /**
   * Estimates the expected loss of reading a choice's result, for every kind of estimator: one that needs samples calls
   * `loss` at them. Synchronous, differentiable, traceable.
   *
   * @param scores As `apply`.
   * @param loss `[batch]` losses of the tokens that were read; it may be called several times.
   * @returns `[batch]`. The caller disposes it.
   * @throws SymgradError As `apply`.
   * @example
   * const prepared = await layer.prepare(candidates, { scores, key }); // F at the samples alone
   * const losses = layer.expectedLoss(scores, prepared, (tokens) => loss(tokens.embed(table)), { key });
   */
  expectedLoss(
    scores: tf.Tensor2D,
    inputs: PreparedInputs | Prepared,
    loss: (tokens: ResultTokens) => tf.Tensor1D,
    options?: Omit<ApplyOptions, "after">,
  ): tf.Tensor1D;
  /** The tokens of a choice that was made elsewhere, over all stages. Differentiable, traceable. */
  read(choice: ChoiceWeights, inputs: PreparedInputs | Prepared): ResultTokens;
  /**
   * The layer as a `tf.layers.Layer`, for `tf.sequential`, `tf.model` and `model.fit`: scores `[batch, candidates]` to F~
   * over the output vocabulary, `[batch, length, outputVocabulary.length]`. Noise is drawn in training alone. Synchronous
   * functions only. Saved by the function's name and version; see {@link registerTfLayer} for loading.
   *
   * @throws SymgradError `E_USAGE` unless exactly one of `example` and `field` is given; when called, `E_SHAPE` for inputs
   *   of other shapes.
   * @example tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [8] }), layer.toTfLayer({ example })] });
   */
  toTfLayer(options: TfLayerOptions): tf.layers.Layer;
}

/** See {@link Registry.layer}. */
export function createLayer(fn: SymbolicFunction, options: LayerOptions): SymbolicLayer {
  const { estimator, vocabulary, onUndefined = "mask", cacheSize = 65_536 } = options;
  const { concurrency = fn.concurrency, timeoutMs = fn.timeoutMs } = options;
  assertOptions(fn, options);
  const token = typeof onUndefined === "object" ? onUndefined.token : undefined;
  const output = findOutputVocabulary(fn.name, fn.output, vocabulary, token === undefined ? [] : [token]);
  const rules: RowRules = {
    evaluator: new Evaluator(fn, { vocabulary, output, cacheSize, timeoutMs }),
    policy: {
      allowed: onUndefined !== "mask",
      ids: token === undefined ? [] : [output.local.get(vocabulary.id(token)!)!],
    },
    fail: onUndefined === "fail",
    concurrency,
    estimator,
  };
  const pads = ({ padCandidates, padLength, scores }: PrepareOptions) => ({
    candidates: padCandidates ?? scores?.shape[1],
    length: padLength,
  });
  const joined = (
    stages: readonly Prepared[],
    rows: readonly PreparedRow[],
    afterOptions: PrepareAfterOptions,
  ) =>
    createPrepared(fn, joinRows(fn, axesOf(stages, stages[0]!.rows.length), rows), output.ids, {
      ...pads(afterOptions),
      before: stages.flatMap(({ axes }) => axes),
    });
  const inputsOf = (prepared: PreparedInputs | Prepared) =>
    "inputs" in prepared ? prepared.inputs : prepared;
  const read = (choice: ChoiceWeights, inputs: PreparedInputs) =>
    createResultTokens(fn.name, choice, inputs, output.ids, vocabulary.size);
  const layer: SymbolicLayer = {
    function: fn,
    estimator,
    vocabulary,
    outputVocabulary: output.ids,
    get counters() {
      return rules.evaluator.counters;
    },
    candidates: (examples) => listCandidates(fn, examples),
    prepare: async (candidates, prepareOptions = {}) =>
      createPrepared(
        fn,
        await prepareRows(candidates, rules, prepareOptions),
        output.ids,
        pads(prepareOptions),
      ),
    prepareSync: (candidates, prepareOptions = {}) =>
      createPrepared(
        fn,
        prepareRowsSync(candidates, rules, prepareOptions),
        output.ids,
        pads(prepareOptions),
      ),
    prepareAfter: async (stages, examples, { signal, ...afterOptions } = {}) =>
      joined(
        stages,
        await prepareRows(listStaged(fn, stageExamples(fn, stages, examples)), rules, { signal }),
        afterOptions,
      ),
    prepareAfterSync: (stages, examples, afterOptions = {}) =>
      joined(
        stages,
        prepareRowsSync(listStaged(fn, stageExamples(fn, stages, examples)), rules),
        afterOptions,
      ),
    prepareRowsAfter: async (staged, axes, { signal, placeOf } = {}) =>
      joinRows(fn, axes, await prepareRows(listStaged(fn, staged), rules, { signal }), placeOf),
    prepareRows: (candidates, rowOptions) => prepareRows(candidates, rules, rowOptions),
    prepareRowsSync: (candidates, rowOptions) => prepareRowsSync(candidates, rules, rowOptions),
    collate,
    apply(scores, prepared, { key, temperature, after = [] } = {}) {
      const inputs = inputsOf(prepared);
      if (!isPathwise(estimator)) throw notPathwise(fn.name, estimator);
      return tf.tidy(() => {
        const before = after.length === 0 ? undefined : after.map(({ joint }) => joint).reduce(joinChoices);
        const mask = before === undefined ? inputs.mask : maskAfter(fn.name, before, inputs.mask);
        assertScores(fn.name, scores, mask);
        const choice = estimator.choose(scores, { mask, key, temperature });
        const joint = before === undefined ? choice : joinChoices(before, choice);
        const probability = () => gatherChoice(joint.probs, joint.index) as tf.Tensor1D;
        const trace: Trace = { function: fn.name, probability };
        return { choice, joint, tokens: read(joint, inputs), trace } as unknown as tf.TensorContainer;
      }) as unknown as Applied;
    },
    expectedLoss(scores, prepared, loss, { key, temperature } = {}) {
      const inputs = inputsOf(prepared);
      assertScores(fn.name, scores, inputs.mask);
      return tf.tidy(() =>
        estimator.expectedLoss(scores, (weights) => loss(read(choiceOf(weights), inputs)), {
          mask: inputs.mask,
          key,
          temperature,
        }),
      );
    },
    read: (choice, prepared) =>
      tf.tidy(
        () => read(choice, inputsOf(prepared)) as unknown as tf.TensorContainer,
      ) as unknown as ResultTokens,
    toTfLayer: (tfOptions) => createTfLayer(layer, tfOptions),
  };
  return layer;
}

/** What may be chosen after the earlier stages' choice, `[batch, own]`. */
function maskAfter(name: string, before: Choice, mask: tf.Tensor2D): tf.Tensor2D {
  const [batch, combinations] = before.weights.shape;
  const own = mask.shape[1] / combinations;
  if (batch !== mask.shape[0] || !Number.isInteger(own)) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: the stages chose among [${batch}, ${combinations}] combinations; the prepared table has [${mask.shape.join(", ")}] candidates.`,
      { hint: "give `after` the stages that prepareAfter was given, all of them, in that order" },
    );
  }
  return gatherChoice(tf.reshape(mask, [batch, combinations, own]), before.index) as tf.Tensor2D;
}

/** What is read with these weights, `[batch, candidates]`, one-hot or not. */
function choiceOf(weights: tf.Tensor2D): ChoiceWeights {
  const total = tf.sum(tf.abs(weights), 1);
  return {
    weights,
    index: tf.argMax(weights, 1),
    empty: tf.cast(tf.equal(total, 0), "float32") as tf.Tensor1D,
    hard: false,
  };
}

function isPathwise(estimator: Estimator): estimator is PathwiseEstimator {
  return "choose" in estimator && typeof estimator.choose === "function";
}

function notPathwise(name: string, estimator: Estimator): SymgradError {
  return new SymgradError(
    "E_USAGE",
    `${name}: the estimator ${estimator.name} makes no single choice to apply.`,
    {
      hint: "use layer.expectedLoss(scores, prepared, (tokens) => loss, { key })",
    },
  );
}

function assertOptions(
  fn: SymbolicFunction,
  { estimator, vocabulary, onUndefined, cacheSize, concurrency, timeoutMs }: LayerOptions,
): void {
  const refuse = (option: string, wanted: string, got: unknown): never => {
    throw new SymgradError(
      "E_USAGE",
      `${fn.name}: layer option \`${option}\` must be ${wanted}, got ${show(got)}.`,
    );
  };
  if (typeof estimator?.expectedLoss !== "function") {
    refuse("estimator", "an estimator such as straightThroughGumbel({ temperature: 1 })", estimator);
  }
  if (typeof vocabulary?.encode !== "function" || typeof vocabulary.id !== "function") {
    refuse("vocabulary", "a token vocabulary with encode, id and size", vocabulary);
  }
  if (
    onUndefined !== undefined &&
    !["mask", "zero", "fail"].includes(onUndefined as string) &&
    typeof (onUndefined as { token?: unknown })?.token !== "string"
  ) {
    refuse("onUndefined", '"mask", "zero", "fail" or { token: "..." }', onUndefined);
  }
  if (cacheSize !== undefined && !(Number.isInteger(cacheSize) && cacheSize >= 0)) {
    refuse("cacheSize", "an integer of at least 0", cacheSize);
  }
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency >= 1)) {
    refuse("concurrency", "an integer of at least 1", concurrency);
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0)) refuse("timeoutMs", "a number above 0", timeoutMs);
}

function assertScores(name: string, scores: tf.Tensor, mask: tf.Tensor): void {
  if (scores.rank !== 2 || scores.shape.some((size, axis) => size !== mask.shape[axis])) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`scores\` must have shape [batch, candidates] = [${mask.shape.join(", ")}], got [${scores.shape.join(", ")}].`,
      {
        hint: "pad the scores to the prepared candidates, or prepare with padCandidates; a later stage's scores are those of its own candidates, with `after`",
      },
    );
  }
  if (isTracing()) return;
  const allowed = mask.dataSync();
  const candidates = mask.shape[1]!;
  for (const [i, score] of scores.dataSync().entries()) {
    if (allowed[i] === 0 || score < Number.POSITIVE_INFINITY) continue;
    throw new SymgradError(
      "E_RANGE",
      `${name}: the score of candidate ${i % candidates} of example ${Math.floor(i / candidates)} of the batch is ${score}.`,
      { hint: "scores must be finite: look at the learning rate and at what computes them" },
    );
  }
}
