import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, type Plain, plain } from "./battery";

const parts = (x: tf.Tensor): tf.Tensor[] => [tf.real(x), tf.imag(x)];

function pairs(run: (x: tf.Tensor) => tf.Tensor | tf.Tensor[], shape: number[]): Case {
  const inputs = fc.tuple(plain(shape), plain(shape));
  return {
    uses: inputs.map((given: Plain[]) => ({
      inputs: given,
      sums: true,
      run: (real: tf.Tensor, imag: tf.Tensor) => run(tf.complex(real, imag)),
    })),
  };
}

/** Reshape and Identity of complex tensors besides: the transforms reshape, and so does the clone. */
export const complexCases: Cases = {
  Complex: [
    pairs((x) => parts(x.clone().reshape([3, 2])), [2, 3]),
    { run: (x) => parts(tf.complex(x!, tf.zeros([4]))), inputs: fc.tuple(plain([4])) },
  ],
  Real: [pairs(tf.real, [2, 3])],
  Imag: [pairs(tf.imag, [2, 3])],
  ComplexAbs: [pairs(tf.abs, [2, 3])],
  FFT: [
    pairs((x) => parts(tf.fft(x)), [2, 3, 8]),
    // By way of a longer transform where the length is no power of 2, so rounding grows with the sums: means of them.
    pairs((x) => parts(tf.fft(x)).map((y) => tf.div(y, 7)), [2, 7]),
    pairs((x) => parts(tf.rfft(tf.real(x))).map((y) => tf.div(y, 6)), [2, 6]),
  ],
  IFFT: [
    pairs((x) => parts(tf.ifft(x)), [3, 8]),
    pairs((x) => parts(tf.ifft(x)), [5]),
    pairs((x) => tf.irfft(x), [2, 5]),
  ],
};
