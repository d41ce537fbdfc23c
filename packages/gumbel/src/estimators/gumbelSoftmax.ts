import type { Estimator, Temperature } from "../estimator";
import { gumbelChoice } from "../internal/gumbelChoice";
import { assertTemperature } from "../internal/temperature";

export interface GumbelSoftmaxOptions {
  /** Above 0, no unit. Small: near one-hot, noisy gradients. Large: near uniform. No gradient flows to it. */
  temperature: Temperature;
}

/**
 * The relaxed one-hot sample softmax((s + G) / temperature), with G ~ Gumbel(0, 1), and its own gradient. What it
 * multiplies becomes a mixture: bias grows and variance falls with the temperature.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, eq. 2; Maddison, Mnih and Teh 2017, arXiv:1611.00712.
 */
export function gumbelSoftmax(options: GumbelSoftmaxOptions): Estimator {
  const name = "gumbel-softmax";
  const { temperature } = options;
  assertTemperature(name, temperature);
  return {
    name,
    needs: "kept",
    choose: (logits, choose = {}) => gumbelChoice(name, false, logits, temperature, choose),
  };
}
