/** A tagged span of tokens, its end inclusive. */
export interface TaggedSpan {
  start: number;
  end: number;
  /** Probability of its own tags, in [0, 1]. */
  score: number;
}

export interface DecodeTagsOptions {
  /** O, B and I of each token, `[tokens, 3]`, flat: logits, each token's own softmax. */
  tags: ArrayLike<number>;
  /** The source of each token; a span stays within one source. Negative: not part of any answer. */
  source: ArrayLike<number>;
  /** 1 where the token continues the word or number before it. */
  continuation: ArrayLike<number>;
}

/** Outside, first token of a span, later token. */
const [OUTSIDE, FIRST, LATER] = [0, 1, 2];

/**
 * The spans of the most probable tagging (Viterbi) in which a span begins with B, goes on with I within one source, and
 * begins and ends at the borders of words and numbers.
 *
 * @returns In order; none where O is best everywhere.
 */
export function decodeTags({ tags, source, continuation }: DecodeTagsOptions): TaggedSpan[] {
  const count = source.length;
  const logProbs = Array.from({ length: count }, (_, at) => logSoftmax3(tags, 3 * at));
  // best[at][tag]: of all taggings up to `at` that end with `tag`.
  const best: number[][] = [];
  const back: number[][] = [];
  for (let at = 0; at < count; at++) {
    const row = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const from = [OUTSIDE, OUTSIDE, OUTSIDE];
    for (let tag = 0; tag < 3; tag++) {
      if (tag !== OUTSIDE && source[at]! < 0) continue;
      for (let before = 0; before < 3; before++) {
        if (!mayFollow(tag, before, at, source, continuation)) continue;
        const sum = (at === 0 ? 0 : best[at - 1]![before]!) + (source[at]! < 0 ? 0 : logProbs[at]![tag]!);
        if (sum > row[tag]!) {
          row[tag] = sum;
          from[tag] = before;
        }
      }
    }
    best.push(row);
    back.push(from);
  }
  const path: number[] = new Array(count);
  let tag = count > 0 ? [0, 1, 2].reduce((a, b) => (best[count - 1]![b]! > best[count - 1]![a]! ? b : a)) : 0;
  for (let at = count - 1; at >= 0; at--) {
    path[at] = tag;
    tag = back[at]![tag]!;
  }
  const spans: TaggedSpan[] = [];
  let score = 0;
  for (let at = 0; at < count; at++) {
    if (path[at] === OUTSIDE) continue;
    score = logProbs[at]![path[at]!]! + (path[at] === FIRST ? 0 : score);
    if (path[at] === FIRST) spans.push({ start: at, end: at, score: Math.exp(score) });
    else Object.assign(spans.at(-1)!, { end: at, score: Math.exp(score) });
  }
  return spans;
}

function mayFollow(
  tag: number,
  before: number,
  at: number,
  source: ArrayLike<number>,
  continuation: ArrayLike<number>,
): boolean {
  const sameSource = at > 0 && source[at] === source[at - 1];
  if (at === 0 && before !== OUTSIDE) return false;
  if (tag === LATER) return before !== OUTSIDE && sameSource;
  // A span neither begins nor ends inside a word.
  const insideWord = Boolean(continuation[at]) && sameSource;
  if (tag === FIRST && continuation[at]) return false;
  return !(insideWord && before !== OUTSIDE);
}

function logSoftmax3(tags: ArrayLike<number>, at: number): [number, number, number] {
  const three = [tags[at]!, tags[at + 1]!, tags[at + 2]!] as const;
  const largest = Math.max(...three);
  const total = largest + Math.log(three.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
  return [three[0] - total, three[1] - total, three[2] - total];
}
