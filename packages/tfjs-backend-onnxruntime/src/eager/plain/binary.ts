import { backend_util, util } from "@tensorflow/tfjs";
import { sizeOf } from "../../kernels/rule";
import type { SimdOp } from "../../update/compileProgram";
import { floatsOf, type PlainKernel, type PlainKernels } from "./plainKernel";
import { simd } from "./simd";

/**
 * result[o] = a[i] op b[j] for `count` elements: o goes up by 1, i and j by their steps. A loop each, because one that
 * calls its operator would not have it inlined.
 */
type Loop<Result> = (
  result: Result,
  o: number,
  count: number,
  a: Float32Array,
  i: number,
  aStep: number,
  b: Float32Array,
  j: number,
  bStep: number,
) => void;

const arithmetic: Readonly<Record<string, Loop<Float32Array>>> = {
  Add: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! + b[j]!;
  },
  Sub: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! - b[j]!;
  },
  Multiply: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! * b[j]!;
  },
  RealDiv: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! / b[j]!;
  },
  Maximum: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = Math.max(a[i]!, b[j]!);
  },
  Minimum: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = Math.min(a[i]!, b[j]!);
  },
  SquaredDifference: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = (a[i]! - b[j]!) * (a[i]! - b[j]!);
  },
};

const comparisons: Readonly<Record<string, Loop<Uint8Array>>> = {
  Equal: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i] === b[j] ? 1 : 0;
  },
  NotEqual: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i] === b[j] ? 0 : 1;
  },
  Greater: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! > b[j]! ? 1 : 0;
  },
  GreaterEqual: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! >= b[j]! ? 1 : 0;
  },
  Less: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! < b[j]! ? 1 : 0;
  },
  LessEqual: (r, o, n, a, i, di, b, j, dj) => {
    for (const end = o + n; o < end; o++, i += di, j += dj) r[o] = a[i]! <= b[j]! ? 1 : 0;
  },
};

/** One axis of a broadcast: its length, and how far each argument moves per step of it; 0 where it is repeated. */
interface Axis {
  length: number;
  aStep: number;
  bStep: number;
}

function arithmeticKernel(loop: Loop<Float32Array>, op: SimdOp | undefined): PlainKernel {
  return ({ a, b }, _attributes, store) => {
    const x = floatsOf(a!, store);
    const y = floatsOf(b!, store);
    if (!x || !y) return undefined;
    const shape = resultShape(a!.shape, b!.shape);
    const data = store.floats(sizeOf(shape));
    const repeats = op && isEndOf(a!.shape, shape) && isEndOf(b!.shape, shape);
    if (!repeats || !simd(data, op, [x, y])) overAxes(shape, a!.shape, b!.shape, loop, data, x, y);
    return { data, type: "float32", shape };
  };
}

function comparisonKernel(loop: Loop<Uint8Array>): PlainKernel {
  return ({ a, b }, _attributes, store) => {
    const x = floatsOf(a!, store);
    const y = floatsOf(b!, store);
    if (!x || !y) return undefined;
    const shape = resultShape(a!.shape, b!.shape);
    const data = new Uint8Array(sizeOf(shape));
    overAxes(shape, a!.shape, b!.shape, loop, data, x, y);
    return { data, type: "bool", shape };
  };
}

function resultShape(a: number[], b: number[]): number[] {
  return util.arraysEqual(a, b) || b.length === 0 ? a : backend_util.assertAndGetBroadcastShape(a, b);
}

/** Whether a tensor's elements repeat in their order over the whole: its axes, but for leading ones of 1, are the last. */
function isEndOf(shape: readonly number[], whole: readonly number[]): boolean {
  let first = 0;
  while (shape[first] === 1) first++;
  for (let back = 1; back <= shape.length - first; back++)
    if (shape.at(-back) !== whole.at(-back)) return false;
  return true;
}

/** The axes of the result, innermost first; neighbors that behave alike are one. */
function broadcastAxes(
  shape: readonly number[],
  aShape: readonly number[],
  bShape: readonly number[],
): readonly Axis[] {
  const axes: Axis[] = [];
  let [aSize, bSize] = [1, 1];
  for (let back = 1; back <= shape.length; back++) {
    const length = shape.at(-back)!;
    const [aLength, bLength] = [aShape.at(-back) ?? 1, bShape.at(-back) ?? 1];
    if (back > 1 && length === 1) continue;
    const axis = { length, aStep: aLength === 1 ? 0 : aSize, bStep: bLength === 1 ? 0 : bSize };
    [aSize, bSize] = [aSize * aLength, bSize * bLength];
    const inner = axes.at(-1);
    if (inner && continues(axis.aStep, inner.aStep, inner) && continues(axis.bStep, inner.bStep, inner)) {
      inner.length *= length;
    } else {
      axes.push(axis);
    }
  }
  return axes;
}

const continues = (step: number, innerStep: number, inner: Axis) => step === innerStep * inner.length;

/** Calls the loop for the innermost axis at each place of the outer ones. */
function overAxes<Result extends Float32Array | Uint8Array>(
  shape: readonly number[],
  aShape: readonly number[],
  bShape: readonly number[],
  loop: Loop<Result>,
  result: Result,
  a: Float32Array,
  b: Float32Array,
): void {
  if (aShape === shape && b.length === 1) loop(result, 0, result.length, a, 0, 1, b, 0, 0);
  else if (a.length === result.length && b.length === a.length) loop(result, 0, a.length, a, 0, 1, b, 0, 1);
  else if (result.length > 0) overOuterAxes(broadcastAxes(shape, aShape, bShape), loop, result, a, b);
}

function overOuterAxes<Result extends Float32Array | Uint8Array>(
  axes: readonly Axis[],
  loop: Loop<Result>,
  result: Result,
  a: Float32Array,
  b: Float32Array,
): void {
  const { length, aStep, bStep } = axes[0]!;
  const at = new Array<number>(axes.length).fill(0);
  let [i, j] = [0, 0];
  for (let o = 0; o < result.length; o += length) {
    loop(result, o, length, a, i, aStep, b, j, bStep);
    for (let k = 1; k < axes.length; k++) {
      const axis = axes[k]!;
      i += axis.aStep;
      j += axis.bStep;
      at[k]!++;
      if (at[k]! < axis.length) break;
      i -= axis.aStep * axis.length;
      j -= axis.bStep * axis.length;
      at[k] = 0;
    }
  }
}

/** Those that WebAssembly has as one instruction. */
const SIMD: Readonly<Record<string, SimdOp>> = {
  Add: "Add",
  Sub: "Sub",
  Multiply: "Mul",
  RealDiv: "Div",
  Maximum: "Max",
  Minimum: "Min",
};

/** Two float32 tensors, element by element, with broadcasting. */
export const binaryKernels: PlainKernels = Object.fromEntries([
  ...Object.entries(arithmetic).map(([name, loop]) => [name, arithmeticKernel(loop, SIMD[name])]),
  ...Object.entries(comparisons).map(([name, loop]) => [name, comparisonKernel(loop)]),
]);
