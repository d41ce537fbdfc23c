import { SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Estimator } from "../estimator";
import { assertCount } from "../internal/assertCount";
import { assertLogits } from "../internal/assertLogits";
import { attachGradient } from "../internal/attachGradient";
import { type Draw, draw } from "../internal/draw";
import { enumerateLosses, expectation } from "../internal/enumerate";
import { softmaxCotangent } from "../internal/softmaxCotangent";
import { withoutGradient } from "../internal/withoutGradient";

export interface IndecaterOptions {
  /**
   * Candidates of each independent variable: the logits, the mask and the loss's weights are then their rows side by
   * side, `[batch, sum of sizes]`. Default: one variable, for which the estimate is exact.
   */
  sizes?: readonly number[];
}

/**
 * For several independent choices: each variable is summed out in turn while the others stay at their sample. One
 * evaluation per candidate of each variable, their sum and not their product.
 *
 * Forward: mean over the variables d of sum over i of p_d(i) l(D with variable d set to i), with D ~ softmax of each.
 * Backward: for variable d, J(p_d)^T l_d, with l_d the losses of D with variable d set to each of its candidates.
 * Bias and variance: unbiased; less variance than REINFORCE with as many samples; none for one variable.
 *
 * @throws SymgradError `E_RANGE` if a size is not an integer of at least 1; `E_SHAPE` if they do not add up to the
 *   logits' candidates.
 * @see De Smet, Sansone and Zuidberg Dos Martires 2023, arXiv:2311.12569, proposition 1.
 */
export function indecater({ sizes }: IndecaterOptions = {}): Estimator {
  const name = "indecater";
  for (const size of sizes ?? []) assertCount(name, "sizes", size);
  return {
    name,
    needs: "all",
    expectedLoss: (logits, loss, { mask, key } = {}) =>
      tf.tidy(() => {
        assertLogits(name, logits, mask);
        const [batch, candidates] = logits.shape;
        const own = sizes ?? [candidates];
        assertSizes(name, own, candidates);
        const starts = own.map((_, d) => own.slice(0, d).reduce((sum, size) => sum + size, 0));
        const part = (whole: tf.Tensor2D, d: number) => tf.slice(whole, [0, starts[d]!], [batch, own[d]!]);
        const draws: Draw[] = own.map((_, d) => draw(part(logits, d), mask && part(mask, d), key?.fold(d)));
        const values = own.map((size, d) => {
          const losses = enumerateLosses(
            name,
            (row) =>
              loss(
                tf.concat(
                  draws.map(({ oneHot }, e) => (e === d ? row : oneHot)),
                  1,
                ) as tf.Tensor2D,
              ),
            draws[d]!.some,
            size,
          );
          const { probs, some } = draws[d]!;
          const value = expectation(probs, losses, some);
          const [gradient] = withoutGradient<[tf.Tensor2D]>(() => {
            const counted = tf.where(tf.equal(probs, 0), tf.zerosLike(losses), losses) as tf.Tensor2D;
            return [softmaxCotangent(probs, counted)];
          });
          return { value, gradient };
        });
        const value = tf.div(tf.addN(values.map((each) => each.value)), own.length) as tf.Tensor1D;
        const gradients = values.map((each) => each.gradient);
        return attachGradient(value, logits, tf.concat(gradients, 1) as tf.Tensor2D);
      }),
  };
}

function assertSizes(name: string, sizes: readonly number[], candidates: number): void {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== candidates) {
    throw new SymgradError(
      "E_SHAPE",
      `${name}: \`sizes\` [${sizes.join(", ")}] add up to ${total}, but \`logits\` has ${candidates} candidates.`,
    );
  }
}
