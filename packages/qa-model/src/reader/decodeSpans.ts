/** A span of tokens and the logarithm of its probability. */
export interface DecodedSpan {
  start: number;
  /** Inclusive. */
  end: number;
  logProb: number;
}

export interface DecodeSpansOptions {
  /** Logarithm of p_start per token, nats. */
  start: ArrayLike<number>;
  /** Logarithm of p_end per token, nats. */
  end: ArrayLike<number>;
  /** The source of each token; a span stays within one source. Negative: not part of any answer. */
  source: ArrayLike<number>;
  /** 1 where the token continues the word or number before it. */
  continuation: ArrayLike<number>;
  /** Longest span in tokens. */
  maximumTokens: number;
  /** How many spans to return. */
  count: number;
}

/**
 * The most probable spans, best first: start <= end, within one source, whole words and numbers only.
 * Equal spans in probability come in order of start, then end.
 */
export function decodeSpans(options: DecodeSpansOptions): DecodedSpan[] {
  const { start, end, source, continuation, maximumTokens, count } = options;
  const tokens = source.length;
  const best: DecodedSpan[] = [];
  const closes = (position: number) =>
    position + 1 >= tokens || source[position + 1] !== source[position] || !continuation[position + 1];
  for (let from = 0; from < tokens; from++) {
    if (source[from]! < 0 || continuation[from]) continue;
    const last = Math.min(tokens, from + maximumTokens);
    for (let to = from; to < last && source[to] === source[from]; to++) {
      const logProb = start[from]! + end[to]!;
      const worst = best[best.length - 1];
      if (best.length === count && worst && !(logProb > worst.logProb)) continue;
      if (!closes(to)) continue;
      if (best.length === count) best.pop();
      let place = best.length;
      while (place > 0 && best[place - 1]!.logProb < logProb) place--;
      best.splice(place, 0, { start: from, end: to, logProb });
    }
  }
  return best;
}
