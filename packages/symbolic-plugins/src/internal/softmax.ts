/** The probabilities of scores in nats; equal ones where all are -Infinity. */
export function softmax(scores: Float64Array): Float64Array {
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) =>
    largest === Number.NEGATIVE_INFINITY ? 1 : Math.exp(score - largest),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
