import type { GloVeTables } from "../trainGloVe";

/** A word, a context and their weight; rows from 0 on. */
export type Pair = readonly [word: number, context: number, weight: number];

/** Pairs by "word context", counted as GloVe's cooccur.c does: each word with those to its left, and the reverse. */
export function plainCooccurrences(
  lines: readonly (readonly number[])[],
  { windowSize, symmetric, weighted }: { windowSize: number; symmetric: boolean; weighted: boolean },
): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (word: number, context: number, weight: number) => {
    const name = `${word} ${context}`;
    counts.set(name, (counts.get(name) ?? 0) + weight);
  };
  for (const line of lines) {
    for (const [at, word] of line.entries()) {
      for (let before = Math.max(0, at - windowSize); before < at; before++) {
        const weight = weighted ? 1 / (at - before) : 1;
        add(line[before]!, word, weight);
        if (symmetric) add(word, line[before]!, weight);
      }
    }
  }
  return counts;
}

/** glove.c's inner loop, in float64, over pairs in the order given. @returns the sum of the losses. */
export function plainGloVe(
  pairs: readonly Pair[],
  { words, contexts, wordBiases, contextBiases }: GloVeTables,
  {
    dimension,
    learningRate,
    xMax,
    exponent,
  }: { dimension: number; learningRate: number; xMax: number; exponent: number },
  squares = [words, contexts, wordBiases, contextBiases].map((table) =>
    new Float64Array(table.length).fill(1),
  ),
): number {
  let loss = 0;
  for (const [word, context, x] of pairs) {
    const [w, c] = [word * dimension, context * dimension];
    let difference = wordBiases[word]! + contextBiases[context]! - Math.log(x);
    for (let i = 0; i < dimension; i++) difference += words[w + i]! * contexts[c + i]!;
    const gradient = (x > xMax ? 1 : (x / xMax) ** exponent) * difference;
    loss += 0.5 * gradient * difference;
    for (let i = 0; i < dimension; i++) {
      const clipped = (value: number) => Math.min(100, Math.max(-100, value)) * learningRate;
      const [forWord, forContext] = [clipped(gradient * contexts[c + i]!), clipped(gradient * words[w + i]!)];
      words[w + i]! -= forWord / Math.sqrt(squares[0]![w + i]!);
      contexts[c + i]! -= forContext / Math.sqrt(squares[1]![c + i]!);
      squares[0]![w + i]! += forWord ** 2;
      squares[1]![c + i]! += forContext ** 2;
    }
    wordBiases[word]! -= gradient / Math.sqrt(squares[2]![word]!);
    contextBiases[context]! -= gradient / Math.sqrt(squares[3]![context]!);
    squares[2]![word]! += gradient ** 2;
    squares[3]![context]! += gradient ** 2;
  }
  return loss;
}
