/** A word's way from the root: the inner nodes passed, and which branch is taken at each (1: the more frequent one). */
export interface HuffmanPath {
  /** Inner nodes, 0 to words - 2; the root first. */
  readonly nodes: readonly number[];
  /** 0 or 1 for each node. */
  readonly code: readonly number[];
}

/**
 * The Huffman tree over words, as word2vec.c builds it: of two lightest nodes the first is branch 0, a word goes before
 * an inner node only if it is lighter, and inner nodes are numbered in the order they are made.
 *
 * @param counts By row, in any order.
 */
export function huffmanTree(counts: ArrayLike<number>): HuffmanPath[] {
  const words = counts.length;
  const order = Array.from({ length: words }, (_, row) => row).sort((a, b) => counts[b]! - counts[a]!);
  const weights = new Float64Array(2 * words - 1).fill(Infinity);
  for (const [place, row] of order.entries()) weights[place] = counts[row]!;
  const parents = new Int32Array(2 * words - 1);
  const branches = new Uint8Array(2 * words - 1);
  let word = words - 1;
  let inner = words;
  const lightest = () => (word >= 0 && weights[word]! < weights[inner]! ? word-- : inner++);
  for (let made = words; made < 2 * words - 1; made++) {
    const first = lightest();
    const second = lightest();
    weights[made] = weights[first]! + weights[second]!;
    parents[first] = parents[second] = made;
    branches[second] = 1;
  }
  const paths: HuffmanPath[] = new Array(words);
  for (const [place, row] of order.entries()) {
    const nodes: number[] = [];
    const code: number[] = [];
    for (let at = place; at !== 2 * words - 2; at = parents[at]!) {
      code.push(branches[at]!);
      nodes.push(parents[at]! - words);
    }
    paths[row] = { nodes: nodes.reverse(), code: code.reverse() };
  }
  return paths;
}
