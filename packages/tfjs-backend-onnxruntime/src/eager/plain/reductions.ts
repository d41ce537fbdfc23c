import { backend_util, util } from "@tensorflow/tfjs";
import { sizeOf } from "../../kernels/rule";
import { floatsOf, type PlainKernel, type PlainKernels } from "./plainKernel";

/**
 * result[i] = of the `count` elements x[start], x[start + step], ...; starts go up by 1 within an inner block and by a
 * whole block from one to the next.
 */
type Loop = (r: Float32Array, x: Float32Array, inner: number, count: number) => void;

const loops: Readonly<Record<string, Loop>> = {
  Sum: (r, x, inner, count) => {
    for (let i = 0; i < r.length; i++) {
      let sum = 0;
      for (let n = 0, at = startOf(i, inner, count); n < count; n++, at += inner) sum += x[at]!;
      r[i] = sum;
    }
  },
  // tfjs-cpu divides first, in float32.
  Mean: (r, x, inner, count) => {
    for (let i = 0; i < r.length; i++) {
      let sum = 0;
      for (let n = 0, at = startOf(i, inner, count); n < count; n++, at += inner)
        sum += Math.fround(x[at]! / count);
      r[i] = sum;
    }
  },
  Max: (r, x, inner, count) => {
    for (let i = 0; i < r.length; i++) {
      let at = startOf(i, inner, count);
      let max = x[at]!;
      for (let n = 0; n < count; n++, at += inner) if (x[at]! > max || Number.isNaN(x[at]!)) max = x[at]!;
      r[i] = max;
    }
  },
  Min: (r, x, inner, count) => {
    for (let i = 0; i < r.length; i++) {
      let at = startOf(i, inner, count);
      let min = x[at]!;
      for (let n = 0; n < count; n++, at += inner) if (x[at]! < min || Number.isNaN(x[at]!)) min = x[at]!;
      r[i] = min;
    }
  },
};

const startOf = (i: number, inner: number, count: number) =>
  Math.floor(i / inner) * inner * count + (i % inner);

function reduction(loop: Loop): PlainKernel {
  return ({ x }, attributes, store) => {
    const data = floatsOf(x!, store);
    if (!data) return undefined;
    const axes = util
      .parseAxisParam(attributes.axis ?? attributes.reductionIndices, x!.shape)
      .sort((a, b) => a - b);
    // Axes that are no block, and tensors without elements, are rare.
    const isBlock = axes.every((axis, i) => axis === axes[0]! + i);
    if (!isBlock || axes.length === 0 || data.length === 0) return undefined;
    const [shape, reduced] = backend_util.computeOutAndReduceShapes(x!.shape, axes);
    const inner = sizeOf(x!.shape.slice(axes.at(-1)! + 1));
    const result = store.floats(sizeOf(shape));
    loop(result, data, inner, sizeOf(reduced));
    return {
      data: result,
      type: "float32",
      shape: attributes.keepDims ? backend_util.expandShapeToKeepDim(shape, axes) : shape,
    };
  };
}

/** Rounded to float32 where tfjs-cpu, which makes it of five kernels, does. */
const softmax: PlainKernel = ({ logits }, { dim }, store) => {
  const x = floatsOf(logits!, store);
  const rank = logits!.shape.length;
  if (!x || rank === 0 || (dim !== -1 && dim !== rank - 1)) return undefined;
  const length = logits!.shape[rank - 1]!;
  const data = store.floats(x.length);
  for (let start = 0; start < x.length; start += length) {
    const end = start + length;
    let max = x[start]!;
    for (let i = start; i < end; i++) if (x[i]! > max || Number.isNaN(x[i]!)) max = x[i]!;
    let sum = 0;
    for (let i = start; i < end; i++) {
      data[i] = Math.exp(Math.fround(x[i]! - max));
      sum += data[i]!;
    }
    sum = Math.fround(sum);
    for (let i = start; i < end; i++) data[i] = data[i]! / sum;
  }
  return { data, type: "float32", shape: logits!.shape };
};

export const reductionKernels: PlainKernels = {
  ...Object.fromEntries(Object.entries(loops).map(([name, loop]) => [name, reduction(loop)])),
  Softmax: softmax,
};
