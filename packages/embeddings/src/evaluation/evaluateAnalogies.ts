import { ExactSearch } from "../search/exactSearch";
import { WordVectors } from "../wordVectors";
import type { Score } from "./evaluateSimilarity";
import type { AnalogySection } from "./evaluationSet";
import { foldCase } from "./foldCase";

export interface EvaluateAnalogiesOptions {
  /** Questions and answers are among the first so many words. Default 30,000. */
  readonly among?: number | undefined;
}

export interface AnalogyScores {
  readonly all: Score;
  /** Sections whose title does not start with "gram". */
  readonly semantic: Score;
  /** Sections whose title starts with "gram", as Google's nine do. */
  readonly syntactic: Score;
  readonly sections: readonly (Score & { readonly title: string })[];
}

const MOST_KEPT = 2000; // words whose cosines with all others are kept

interface Tally {
  right: number;
  covered: number;
  total: number;
}

/**
 * Percent of analogies whose answer is the best by 3CosAdd, as word2vec.c's compute-accuracy and gensim count: among the
 * most frequent words, those of the question excluded, upper and lower case alike; a question with another word is not
 * covered.
 */
export function evaluateAnalogies(
  vectors: WordVectors,
  sections: readonly AnalogySection[],
  { among = 30_000 }: EvaluateAnalogiesOptions = {},
): AnalogyScores {
  const known = firstWords(vectors, among);
  const rows = foldCase(known.words);
  // A word's row in any case: that of its first form.
  const forms = Int32Array.from(known.words, (word) => rows.get(word.toLowerCase())!);
  const cosines = rememberedCosines(known);
  const tallies = sections.map(({ questions }) => {
    const tally: Tally = { right: 0, covered: 0, total: questions.length };
    for (const question of questions) {
      const [a, b, c, d] = question.map((word) => rows.get(word.toLowerCase()));
      if (a === undefined || b === undefined || c === undefined || d === undefined) continue;
      tally.covered += 1;
      if (bestForm(cosines(a), cosines(b), cosines(c), forms, [a, b, c]) === d) tally.right += 1;
    }
    return tally;
  });
  const scoreOf = (choose: (title: string) => boolean) =>
    toScore(tallies.filter((_, i) => choose(sections[i]!.title)));
  const isSyntactic = (title: string) => title.startsWith("gram");
  return {
    all: scoreOf(() => true),
    semantic: scoreOf((title) => !isSyntactic(title)),
    syntactic: scoreOf(isSyntactic),
    sections: sections.map(({ title }, i) => ({ title, ...toScore([tallies[i]!]) })),
  };
}

function firstWords({ words, dimension, values }: WordVectors, count: number): WordVectors {
  return new WordVectors({
    words: words.slice(0, count),
    dimension,
    values: values.subarray(0, Math.min(count, words.length) * dimension),
  });
}

/** The cosines of a row with all rows; those of the latest rows are kept, as a section's words come again and again. */
function rememberedCosines(vectors: WordVectors): (row: number) => Float32Array {
  const search = new ExactSearch(vectors);
  const { dimension, values } = vectors;
  const kept = new Map<number, Float32Array>();
  return (row) => {
    let cosines = kept.get(row);
    if (!cosines) {
      const vector = values.subarray(row * dimension, (row + 1) * dimension);
      // A vector of zeros has the cosine 0 with all.
      cosines = vector.some((value) => value !== 0)
        ? search.similarities(vector).slice()
        : new Float32Array(vectors.size);
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(row, cosines);
    }
    return cosines;
  };
}

/** The form of the row with the highest cos b - cos a + cos c, without the question's words. */
function bestForm(
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  forms: Int32Array,
  asked: readonly number[],
): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < forms.length; row++) {
    const score = b[row]! - a[row]! + c[row]!;
    if (score > highest && !asked.includes(forms[row]!)) {
      highest = score;
      best = forms[row]!;
    }
  }
  return best;
}

function toScore(tallies: readonly Tally[]): Score {
  const [right, covered, total] = (["right", "covered", "total"] as const).map((field) =>
    tallies.reduce((sum, tally) => sum + tally[field], 0),
  ) as [number, number, number];
  return { score: covered > 0 ? (100 * right) / covered : null, covered, total };
}
