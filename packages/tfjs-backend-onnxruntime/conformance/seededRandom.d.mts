/** Uniform numbers in [0, 1) from a seed. */
export function seededRandom(seed: number): () => number;
