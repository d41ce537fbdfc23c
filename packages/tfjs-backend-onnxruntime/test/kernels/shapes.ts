import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Cases, plain, unary } from "./battery";

export const shapeCases: Cases = {
  Reshape: unary((x) => tf.reshape(tf.neg(x), [-1])),
  ExpandDims: unary((x) => tf.expandDims(tf.neg(x), -1)),
  Transpose: [
    ...unary((x) => tf.transpose(x)),
    { run: (x) => tf.transpose(x!, [1, 0, 2]), inputs: fc.tuple(plain([2, 3, 4])) },
  ],
  PadV2: unary((x) =>
    tf.pad(
      x,
      x.shape.map((_, i) => [i, 1] as [number, number]),
      7,
    ),
  ),
  Slice: [{ run: (x) => tf.slice(x!, [1, 0], [2, -1]), inputs: fc.tuple(plain([4, 3])) }],
  Concat: unary((x) => tf.concat([x, tf.neg(x)], -1)),
  SplitV: [
    { run: (x) => tf.split(x!, 2, 1), inputs: fc.tuple(plain([3, 4])) },
    { run: (x) => tf.split(x!, [1, 3], -1), inputs: fc.tuple(plain([3, 4])) },
  ],
  Pack: unary((x) => tf.stack([x, tf.neg(x)], -1)),
  Unpack: [{ run: (x) => tf.unstack(x!, 1), inputs: fc.tuple(plain([3, 4, 2])) }],
  Tile: unary((x) =>
    tf.tile(
      x,
      x.shape.map((_, i) => (i % 2) + 1),
    ),
  ),
  BroadcastTo: [{ run: (x) => tf.broadcastTo(x!, [4, 3]), inputs: fc.tuple(plain([1, 3])) }],
  Reverse: unary((x) => tf.reverse(x, 0)),
  Fill: unary((x) => tf.add(x, tf.fill(x.shape, 2.5))),
  ZerosLike: unary((x) => tf.add(tf.zerosLike(x), 1)),
  OnesLike: unary((x) => tf.add(tf.onesLike(x), 1)),
};
