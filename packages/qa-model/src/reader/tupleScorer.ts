import { Embedding, Linear, Module, type RandomKey } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { selectRows } from "../internal/selectRows";

export interface TupleScorerOptions {
  /** Size of a quantity's vector. */
  hidden: number;
  /** How many arguments the function takes. */
  arguments: number;
  /** Width of the hidden layer. */
  width: number;
  /** Values that stand in no text, such as the names of operations; each has a vector that is learned. Default 0. */
  literals?: number | undefined;
  key: RandomKey;
}

/**
 * Term extraction: the score of an argument tuple is a 2-layer ReLU network of its quantities' vectors, concatenated.
 * The first layer is kept as one matrix per argument, W [h_a; h_b] = W_a h_a + W_b h_b, so that it runs once per quantity
 * and not once per tuple.
 */
export class TupleScorer extends Module {
  readonly arguments: Linear[];
  readonly output: Linear;
  readonly literals: Embedding | undefined;

  constructor(options: TupleScorerOptions) {
    super();
    const keys = options.key.split(options.arguments + 1);
    this.arguments = Array.from(
      { length: options.arguments },
      (_, position) =>
        new Linear({
          inputs: options.hidden,
          outputs: options.width,
          key: keys[position]!,
          bias: position === 0,
        }),
    );
    this.output = new Linear({ inputs: options.width, outputs: 1, key: keys[options.arguments]! });
    if (options.literals) {
      const { literals: rows, hidden, key } = options;
      this.literals = new Embedding({ rows, hidden, key: key.fold("literals") });
    }
  }

  /**
   * @param quantities The vector of each quantity, `[batch, quantities, hidden]`.
   * @param tuples Per argument the value of each candidate, int32 `[batch, candidates]`: literals count first, then
   *   quantities.
   * @returns One score per candidate, in nats up to a constant, `[batch, candidates]`.
   */
  apply(quantities: tf.Tensor3D, tuples: readonly tf.Tensor2D[]): tf.Tensor2D {
    const values = this.#withLiterals(quantities);
    const parts = this.arguments.map((linear, position) =>
      selectRows(linear.apply(values) as tf.Tensor3D, tuples[position]!),
    );
    const hidden = parts.reduce((sum, part) => tf.add(sum, part)).relu();
    return this.output.apply(hidden).squeeze([-1]);
  }

  #withLiterals(quantities: tf.Tensor3D): tf.Tensor3D {
    if (!this.literals) return quantities;
    const table = this.literals.weight as tf.Tensor;
    const [rows, hidden] = table.shape as [number, number];
    const all = tf.mul(table.reshape([1, rows, hidden]), tf.ones([quantities.shape[0], 1, 1]));
    return tf.concat([all as tf.Tensor3D, quantities], 1);
  }
}
