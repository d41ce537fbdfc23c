import { hasVaryingShapes } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { assertShape } from "../../internal/assertShape";
import { differentiable } from "../../internal/differentiable";
import { geluSlope, geluValue } from "./gelu";

/** Elements of a block's wide tensors (0.5 MB): what is written last is still in a core's cache when it is read. */
const BLOCK = 1 << 17;
/** Below this many rows a matrix product spends too long arranging its weights: then all rows are one block. */
const MIN_ROWS = 256;

/** The two linear maps of a feed-forward network, `[outputs, inputs]` and `[outputs]` each. */
export interface FeedForwardWeights {
  readonly wide: { readonly weight: tf.Tensor; readonly bias: tf.Tensor };
  readonly narrow: { readonly weight: tf.Tensor; readonly bias: tf.Tensor };
}

/**
 * gelu(x A^T + a) B^T + b, row block by row block: the wide tensors in between are four times as large as `x`, and the
 * dozen passes over them forward and backward are what costs besides the products. Small blocks stay in a core's cache;
 * but each adds its gradients of A and B to those of the others. Only x A^T + a is kept for the gradient.
 *
 * @param x `[rows, hidden]`
 * @param weights `wide` is `[intermediate, hidden]`, `narrow` `[hidden, intermediate]`.
 * @param blockRows Rows of a block. Default: as many as make the wide tensors 0.5 MB; all, if that is less than 256.
 * @returns `[rows, hidden]`
 * @throws SymgradError `E_SHAPE` if the shapes disagree.
 */
export function feedForward(x: tf.Tensor, weights: FeedForwardWeights, blockRows?: number): tf.Tensor {
  const [intermediate, hidden] = weights.wide.weight.shape as [number, number];
  assertShape("feedForward", "x", x, ["rows", hidden]);
  assertShape("feedForward", "narrow.weight", weights.narrow.weight, [hidden, intermediate]);
  const rows = x.shape[0]!;
  // A graph for any number of rows has one block.
  const cached = Math.floor(BLOCK / intermediate);
  const length = hasVaryingShapes() ? rows : (blockRows ?? (cached < MIN_ROWS ? rows : cached));
  const starts = Array.from({ length: Math.max(1, Math.ceil(rows / length)) }, (_, i) => i * length);
  const block = (tensor: tf.Tensor, start: number): tf.Tensor =>
    starts.length === 1 ? tensor : tensor.slice([start, 0], [Math.min(length, rows - start), -1]);
  const product = (a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor =>
    tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, transposeA, transposeB);

  return tf.tidy(() =>
    differentiable((save, x: tf.Tensor, a: tf.Tensor, aBias: tf.Tensor, b: tf.Tensor, bBias: tf.Tensor) => {
      const wides = starts.map((start) => product(block(x, start), a, false, true).add(aBias));
      save([x, a, b, ...wides]);
      return {
        value: joined(wides.map((wide) => product(geluValue(wide), b, false, true).add(bBias))),
        gradient: (cotangent, saved) => {
          const [x, a, b, ...wides] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
          const halved = cotangent.mul(0.5);
          const scaled = cotangent.mul(Math.SQRT1_2);
          const pieces = wides.map((wide, i) => {
            const { doubledSlope, scaledValue } = geluSlope(wide);
            const dWide = product(block(halved, starts[i]!), b, false, false).mul(doubledSlope);
            return {
              dX: product(dWide, a, false, false),
              dA: product(dWide, block(x, starts[i]!), true, false),
              dABias: dWide.sum(0),
              dB: product(block(scaled, starts[i]!), scaledValue(), true, false),
            };
          });
          return [
            joined(pieces.map(({ dX }) => dX)),
            tf.addN(pieces.map(({ dA }) => dA)),
            tf.addN(pieces.map(({ dABias }) => dABias)),
            tf.addN(pieces.map(({ dB }) => dB)),
            cotangent.sum(0),
          ];
        },
      };
    })(x, weights.wide.weight, weights.wide.bias, weights.narrow.weight, weights.narrow.bias),
  );
}

function joined(blocks: tf.Tensor[]): tf.Tensor {
  return blocks.length === 1 ? blocks[0]! : tf.concat(blocks, 0);
}
