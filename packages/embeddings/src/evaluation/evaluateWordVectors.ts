import type { WordVectors } from "../wordVectors";
import { evaluateAnalogies } from "./evaluateAnalogies";
import { evaluateSimilarity, type Score } from "./evaluateSimilarity";
import type { EvaluationSet } from "./evaluationSet";
import { readEvaluationSet } from "./readEvaluationSet";

export interface EvaluationRow extends Score {
  /** The file's name without its ending; of analogies also its parts, ` (semantic)` and ` (syntactic)`. */
  readonly set: string;
  readonly kind: "similarity" | "analogy";
}

/**
 * Scores word vectors on evaluation sets: {@link evaluateSimilarity} and {@link evaluateAnalogies}, semantic and syntactic
 * questions together and apart.
 *
 * @param files Read by {@link readEvaluationSet}, which throws for what is none.
 */
export async function evaluateWordVectors(
  vectors: WordVectors,
  files: readonly string[],
): Promise<EvaluationRow[]> {
  const sets: EvaluationSet[] = [];
  for (const file of files) sets.push(await readEvaluationSet(file)); // all, before any work
  return sets.flatMap((set) => rowsOf(vectors, set));
}

function rowsOf(vectors: WordVectors, set: EvaluationSet): EvaluationRow[] {
  const { name, kind } = set;
  if (set.kind === "similarity") return [{ set: name, kind, ...evaluateSimilarity(vectors, set.pairs) }];
  const { all, semantic, syntactic } = evaluateAnalogies(vectors, set.sections);
  const parts = [
    { set: `${name} (semantic)`, kind, ...semantic },
    { set: `${name} (syntactic)`, kind, ...syntactic },
  ];
  return [{ set: name, kind, ...all }, ...(parts.every(({ total }) => total > 0) ? parts : [])];
}
