import type { WordVectors } from "../wordVectors";

/**
 * The cosine of two words' vectors, from -1 to 1; 0 if one is all zeros.
 *
 * @throws SymgradError `E_WORD` for a word that is not in the vocabulary, naming near ones.
 */
export function similarity(vectors: WordVectors, a: string, b: string): number {
  const left = vectors.vector(a);
  const right = vectors.vector(b);
  let product = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (let i = 0; i < left.length; i++) {
    const x = left[i]!;
    const y = right[i]!;
    product += x * y;
    leftSquares += x * x;
    rightSquares += y * y;
  }
  const length = Math.sqrt(leftSquares) * Math.sqrt(rightSquares);
  return length > 0 ? product / length : 0;
}
