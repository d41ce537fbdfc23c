import { type RandomKey, SymgradError } from "@symgrad/core";
import type { Estimator, SampledEstimator, Temperature } from "@symgrad/gumbel";
import * as tf from "@tensorflow/tfjs";
import type { Candidates } from "../candidates";
import { describeCall, type EvaluatedResult } from "../evaluate";
import { softmax } from "../internal/softmax";
import type { Pruning } from "../pruning/pruning";
import { type EvaluateOptions, type EvaluationRules, evaluateCandidates } from "./evaluateCandidates";
import { type PreparedRow, packRow, type UndefinedPolicy } from "./preparedRow";

export interface RowRules extends EvaluationRules {
  policy: UndefinedPolicy;
  estimator: Estimator;
}

export interface RowOptions {
  /** Stops waiting for asynchronous calls: preparing fails with `E_ABORT`, calls nobody else waits for are told. */
  signal?: AbortSignal | undefined;
  /**
   * The scores that the step will use, `[batch, candidates]`. An estimator that needs samples alone then has only those
   * evaluated, and `prune` may leave candidates out. Not inside a traced function: they are looked at.
   */
  scores?: tf.Tensor2D | undefined;
  /** The key that the step will use. */
  key?: RandomKey | undefined;
  /** The temperature that the step will use. */
  temperature?: Temperature | undefined;
  /** Evaluate and choose among the likely candidates only; the mass of the others is told in `droppedMass`. */
  prune?: Pruning | undefined;
}

/** As {@link prepareRows}, for functions that answer at once. */
export function prepareRowsSync(
  candidates: Candidates,
  rules: RowRules,
  options: RowOptions = {},
): PreparedRow[] {
  const onAsync = (canonical: readonly string[]) => {
    throw new SymgradError(
      "E_USAGE",
      `${describeCall(candidates.function, canonical)} is asynchronous; prepareSync cannot wait for it.`,
      { hint: "use await layer.prepare(candidates)" },
    );
  };
  const step = prepareSteps(candidates, rules, { ...options, onAsync }).next();
  return step.done ? step.value : [];
}

/** Runs the function for every candidate of every example that the estimator needs, through the cache, in order. */
export async function prepareRows(
  candidates: Candidates,
  rules: RowRules,
  options: RowOptions = {},
): Promise<PreparedRow[]> {
  const steps = prepareSteps(candidates, rules, options);
  let step = steps.next();
  while (!step.done) {
    await step.value;
    step = steps.next();
  }
  return step.value;
}

function* prepareSteps(
  candidates: Candidates,
  rules: RowRules,
  options: RowOptions & EvaluateOptions,
): Generator<Promise<unknown>, PreparedRow[], void> {
  const { examples, function: fn } = candidates;
  const { scores, prune } = options;
  assertScoresFit(candidates, options);
  const results = examples.map(({ count }) => new Array<EvaluatedResult | undefined>(count));
  const kept = examples.map(({ count }) => new Uint8Array(count).fill(1));
  const droppedMass = new Float64Array(examples.length);
  if (scores && prune) dropImprobable(kept, droppedMass, scores, prune);
  if (scores && isSampled(rules.estimator)) {
    yield* evaluateSamples(candidates, results, kept, rules.estimator, rules, { ...options, scores });
  } else yield* evaluateCandidates(candidates, results, rules, options, kept);
  return examples.map(({ indices }, example) =>
    packRow(fn, indices, results[example]!, kept[example]!, rules.policy, droppedMass[example]!),
  );
}

/**
 * Evaluates what the estimator will look at. With undefined results masked, a sample that has none is masked too and
 * drawn again with the same noise, which is a sample of what is left.
 */
function* evaluateSamples(
  candidates: Candidates,
  results: (EvaluatedResult | undefined)[][],
  kept: readonly Uint8Array[],
  estimator: SampledEstimator,
  rules: RowRules,
  options: RowOptions & EvaluateOptions & { scores: tf.Tensor2D },
): Generator<Promise<unknown>, void, void> {
  for (let open = true; open; ) {
    const wanted = sampledCandidates(estimator, kept, options);
    yield* evaluateCandidates(candidates, results, rules, options, wanted);
    open = false;
    for (const [example, asked] of wanted.entries()) {
      for (const [candidate, one] of asked.entries()) {
        if (one === 0 || results[example]![candidate]!.kind === "ok" || rules.policy.allowed) continue;
        kept[example]![candidate] = 0;
        open = true;
      }
    }
  }
}

/** For each example 1 where the estimator will look. */
function sampledCandidates(
  estimator: SampledEstimator,
  kept: readonly Uint8Array[],
  { scores, key, temperature }: RowOptions & { scores: tf.Tensor2D },
): Uint8Array[] {
  const [batch, width] = scores.shape;
  const wanted = kept.map(({ length }) => new Uint8Array(length));
  const mask = new Float32Array(batch * width);
  for (const [example, row] of kept.entries()) mask.set(row, example * width);
  const samples = tf.tidy(() =>
    estimator
      .sample(scores, { mask: tf.tensor2d(mask, [batch, width]), key, temperature })
      .map((sample) => sample.dataSync()),
  ) as unknown as Int32Array[];
  for (const sample of samples) {
    for (const [example, candidate] of sample.entries()) {
      // A row without a candidate that may be chosen gives 0.
      if (kept[example]![candidate] === 1) wanted[example]![candidate] = 1;
    }
  }
  return wanted;
}

function dropImprobable(
  kept: readonly Uint8Array[],
  droppedMass: Float64Array,
  scores: tf.Tensor2D,
  prune: Pruning,
): void {
  const [, width] = scores.shape;
  const values = scores.dataSync();
  for (const [example, row] of kept.entries()) {
    if (row.length === 0) continue;
    const probs = softmax(Float64Array.from(values.subarray(example * width, example * width + row.length)));
    row.set(prune.keep(probs));
    for (const [candidate, stays] of row.entries())
      if (stays === 0) droppedMass[example]! += probs[candidate]!;
  }
}

function isSampled(estimator: Estimator): estimator is SampledEstimator {
  return estimator.needs === "sampled" && "sample" in estimator;
}

function assertScoresFit({ function: fn, counts }: Candidates, { scores, prune }: RowOptions): void {
  if (scores === undefined) {
    if (prune === undefined) return;
    throw new SymgradError("E_USAGE", `${fn.name}: ${prune.name} needs the scores of the candidates.`, {
      hint: "layer.prepare(candidates, { scores, prune })",
    });
  }
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  if (scores.rank === 2 && scores.shape[0] === counts.length && scores.shape[1] >= most) return;
  throw new SymgradError(
    "E_SHAPE",
    `${fn.name}: \`scores\` must have shape [batch, candidates] = [${counts.length}, ${most} or more], got [${scores.shape.join(", ")}].`,
  );
}
