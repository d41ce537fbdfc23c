import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { type Case, type Cases, distinct, plain } from "./battery";

type Stride = [number, number];
const settings: [Stride, "same" | "valid", Stride][] = [
  [[1, 1], "same", [1, 1]],
  [[2, 2], "same", [1, 1]],
  [[1, 2], "valid", [2, 1]],
];

/** @param of What is asked for: the result, or its gradient by the image or the filter. */
function dilations(of: "value" | "image" | "filter"): Case[] {
  return settings.map(([strides, pad, rates]) => ({
    uses: fc.tuple(distinct([2, 4, 5, 2]), plain([2, 3, 2], "float32", [0, 0])).map(([image, filter]) => ({
      inputs: [image, filter],
      sums: of !== "value",
      run: (x: tf.Tensor, f: tf.Tensor) => {
        const apply = (x: tf.Tensor, f: tf.Tensor) =>
          tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, strides, pad, rates);
        if (of === "value") return apply(x, f);
        const [dx, df] = tf.grads((x: tf.Tensor, f: tf.Tensor) => {
          const y = apply(x, f);
          return y.mul(tf.linspace(-1, 2, y.size).reshape(y.shape));
        })([x, f]);
        return of === "image" ? dx! : df!;
      },
    })),
  }));
}

export const dilationCases: Cases = {
  Dilation2D: [
    ...dilations("value"),
    {
      run: (x, f) => tf.dilation2d(x as tf.Tensor4D, f as tf.Tensor3D, 1, "same"),
      inputs: fc.tuple(plain([2, 4, 5, 3]), plain([3, 3, 3])),
    },
  ],
  Dilation2DBackpropInput: dilations("image"),
  Dilation2DBackpropFilter: dilations("filter"),
};
