import * as tf from "@tensorflow/tfjs";

// Lanczos 1964, "A precision approximation of the gamma function", SIAM J. Numer. Anal. B 1, with gamma = 5 and N = 6;
// the coefficients as in Numerical Recipes, section 6.1: relative error below 2e-10 before float32 rounds.
const coefficients = [
  76.1800917295, -86.5053203294, 24.0140982408, -1.23173957245, 1.20865097387e-3, -5.39523938495e-6,
];

/** log Gamma(1 + x) for x > 0, differentiable; tfjs has no such operation. Inside a tidy. */
export function logGammaOfOnePlus(x: tf.Tensor): tf.Tensor {
  const base = tf.add(x, 5.5);
  const tail = tf.sub(tf.mul(tf.add(x, 0.5), tf.log(base)), base);
  const series = coefficients.map((coefficient, i) => tf.div(coefficient, tf.add(x, i + 1)));
  const sum = series.reduce((total, term) => tf.add(total, term), tf.scalar(1.00000000019));
  return tf.add(tail, tf.log(tf.mul(sum, Math.sqrt(2 * Math.PI))));
}
