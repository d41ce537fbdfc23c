import type { Estimator, Temperature } from "../estimator";
import { gumbelChoice } from "../internal/gumbelChoice";
import { assertTemperature } from "../internal/temperature";

export interface StraightThroughGumbelOptions {
  /** Above 0, no unit. Small: little bias, large variance. Large: the other way round. No gradient flows to it. */
  temperature: Temperature;
}

/**
 * The straight-through Gumbel argmax: an exact sample forward, the soft sample's gradient backward.
 * Forward one-hot argmax(s + G), with G ~ Gumbel(0, 1); backward J(S)^T g / temperature with
 * S = softmax((s + G) / temperature). Biased; equal to the soft sample's gradient when the loss is linear in the
 * choice. In the limits of the numbers it stays finite: a row whose every candidate is masked gives zeros.
 *
 * @throws SymgradError `E_RANGE` if the temperature is not above 0.
 * @see Jang, Gu and Poole 2017, arXiv:1611.01144, section 2.2.
 * @example straightThroughGumbel({ temperature: 1 }).choose(tf.tensor2d([[0, 2, 1]]), { key: key(0) }).index;
 */
export function straightThroughGumbel(options: StraightThroughGumbelOptions): Estimator {
  const name = "straight-through-gumbel";
  const { temperature } = options;
  assertTemperature(name, temperature);
  return {
    name,
    needs: "kept",
    choose: (logits, choose = {}) => gumbelChoice(name, true, logits, temperature, choose),
  };
}
