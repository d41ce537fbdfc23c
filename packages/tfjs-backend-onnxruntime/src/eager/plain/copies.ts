import { backend_util, slice_util, type TensorInfo, util } from "@tensorflow/tfjs";
import { sizeOf } from "../../kernels/rule";
import type { HostData } from "../../trace";
import {
  arrayLike,
  numbersOf,
  type PlainKernel,
  type PlainKernels,
  type PlainResult,
  type PlainStore,
} from "./plainKernel";

/** Below this many elements a loop is faster than a view and `set`. */
const SHORT = 32;

function copyRun(to: HostData, at: number, from: HostData, start: number, length: number): void {
  if (length > SHORT) to.set(from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}

/** Copies a box of `size` from a tensor at `begin` into another one at `target`, run by run. */
function copyBox(
  from: HostData,
  fromShape: readonly number[],
  begin: readonly number[],
  to: HostData,
  toShape: readonly number[],
  target: readonly number[],
  size: readonly number[],
): void {
  const rank = size.length;
  // Inner axes that are taken whole on both sides belong to the run.
  let first = rank - 1;
  let run = rank === 0 ? 1 : size[first]!;
  while (first > 0 && size[first] === fromShape[first] && size[first] === toShape[first])
    run *= size[--first]!;
  const [fromSteps, toSteps] = [stepsOf(fromShape), stepsOf(toShape)];
  const runs = sizeOf(size.slice(0, Math.max(first, 0)));
  const at = new Array<number>(rank).fill(0);
  let [source, sink] = [0, 0];
  for (let axis = 0; axis < rank; axis++) {
    source += begin[axis]! * fromSteps[axis]!;
    sink += target[axis]! * toSteps[axis]!;
  }
  for (let n = 0; n < runs; n++) {
    copyRun(to, sink, from, source, run);
    for (let axis = first - 1; axis >= 0; axis--) {
      source += fromSteps[axis]!;
      sink += toSteps[axis]!;
      at[axis]!++;
      if (at[axis]! < size[axis]!) break;
      source -= fromSteps[axis]! * size[axis]!;
      sink -= toSteps[axis]! * size[axis]!;
      at[axis] = 0;
    }
  }
}

/** How many elements apart neighbors along each axis are. */
function stepsOf(shape: readonly number[]): number[] {
  const steps = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

const zeros = (rank: number) => new Array<number>(rank).fill(0);

/** The part of a tensor of `size` at `begin`; as in tfjs-cpu a view where that is one run. */
function part(
  x: TensorInfo,
  { data, type }: { data: HostData; type: PlainResult["type"] },
  begin: number[],
  size: number[],
  shape: number[],
  store: PlainStore,
): PlainResult {
  if (slice_util.isSliceContinous(x.shape, begin, size)) {
    const start = slice_util.computeFlatOffset(begin, stepsOf(x.shape));
    return { data: data.subarray(start, start + sizeOf(size)), type, shape, isView: true };
  }
  const result = arrayLike(data, sizeOf(size), store);
  copyBox(data, x.shape, begin, result, size, zeros(size.length), size);
  return { data: result, type, shape };
}

const slice: PlainKernel = ({ x }, attributes, store) => {
  const numbers = numbersOf(x!, store);
  if (!numbers) return undefined;
  const [begin, size] = slice_util.parseSliceParams(x as never, attributes.begin, attributes.size);
  slice_util.assertParamsValid(x!, begin!, size!);
  return part(x!, numbers, begin!, size!, size!, store);
};

/** Parts of the given lengths along an axis; `drop` takes the axis away. */
function parts(x: TensorInfo, store: PlainStore, axis: number, lengths: number[], drop: boolean) {
  const numbers = numbersOf(x, store);
  if (!numbers) return undefined;
  let start = 0;
  return lengths.map((length) => {
    const begin = zeros(x.shape.length);
    begin[axis] = start;
    start += length;
    const size = x.shape.with(axis, length);
    return part(x, numbers, begin, size, drop ? x.shape.toSpliced(axis, 1) : size, store);
  });
}

const splitV: PlainKernel = ({ x }, { numOrSizeSplits, axis }, store) => {
  const at = util.parseAxisParam(axis, x!.shape)[0]!;
  return parts(x!, store, at, backend_util.prepareSplitSize(x as never, numOrSizeSplits, at), false);
};

const unpack: PlainKernel = ({ value }, { axis }, store) => {
  const at = axis < 0 ? axis + value!.shape.length : axis;
  return parts(value!, store, at, new Array(value!.shape[at]).fill(1), true);
};

/** Tensors one after the other along an axis, each given the axis' length `shape` says. */
function join(
  tensors: readonly TensorInfo[],
  shapes: readonly number[][],
  axis: number,
  store: PlainStore,
  shape: number[],
): PlainResult | undefined {
  const list = tensors.map((tensor) => numbersOf(tensor, store));
  const first = list[0];
  if (!first || list.some((numbers) => numbers?.type !== first.type)) return undefined;
  const data = arrayLike(first.data, sizeOf(shape), store);
  const target = zeros(shape.length);
  list.forEach((numbers, i) => {
    const size = shapes[i]!;
    if (numbers!.data.length > 0) copyBox(numbers!.data, size, zeros(size.length), data, shape, target, size);
    target[axis]! += size[axis]!;
  });
  return { data, type: first.type, shape };
}

const concat: PlainKernel = (inputs, { axis }, store) => {
  const shapes = inputs.map(({ shape }) => shape);
  const at = util.parseAxisParam(axis, shapes[0]!)[0]!;
  backend_util.assertParamsConsistent(shapes, at);
  return join(inputs, shapes, at, store, backend_util.computeOutShape(shapes, at));
};

const pack: PlainKernel = (inputs, { axis }, store) => {
  const { shape } = inputs[0]!;
  if (!inputs.every((other) => util.arraysEqual(other.shape, shape))) return undefined;
  const at = axis < 0 ? axis + shape.length + 1 : axis;
  const one = shape.toSpliced(at, 0, 1);
  return join(
    inputs,
    inputs.map(() => one),
    at,
    store,
    shape.toSpliced(at, 0, inputs.length),
  );
};

const pad: PlainKernel = ({ x }, { paddings, constantValue }, store) => {
  const numbers = numbersOf(x!, store);
  if (!numbers) return undefined;
  const pairs = paddings as [number, number][];
  const shape = pairs.map(([before, after], axis) => before + x!.shape[axis]! + after);
  const data = arrayLike(numbers.data, sizeOf(shape), store);
  data.fill(constantValue);
  const target = pairs.map(([before]) => before);
  if (numbers.data.length > 0) {
    copyBox(numbers.data, x!.shape, zeros(shape.length), data, shape, target, x!.shape);
  }
  return { data, type: numbers.type, shape };
};

const transpose: PlainKernel = ({ x }, { perm }, store) => {
  const numbers = numbersOf(x!, store);
  if (!numbers || x!.shape.length === 0) return undefined;
  const order = perm as number[];
  const { data: from, type } = numbers;
  const shape = order.map((axis) => x!.shape[axis]!);
  const steps = stepsOf(x!.shape);
  const by = order.map((axis) => steps[axis]!);
  const data = arrayLike(from, from.length, store);
  const last = shape.length - 1;
  const [length, step] = [shape[last]!, by[last]!];
  const at = zeros(shape.length);
  let source = 0;
  for (let o = 0; o < data.length; ) {
    for (let i = 0, s = source; i < length; i++, s += step) data[o++] = from[s]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      source += by[axis]!;
      at[axis]!++;
      if (at[axis]! < shape[axis]!) break;
      source -= by[axis]! * shape[axis]!;
      at[axis] = 0;
    }
  }
  return { data, type, shape };
};

/** Rows of a table; tfjs-cpu says what is wrong with indices that point outside. */
const gather: PlainKernel = ({ x, indices }, { axis, batchDims }, store) => {
  const numbers = numbersOf(x!, store);
  const rows = store.dataOf(indices!);
  if (!numbers || !rows || batchDims || axis < 0) return undefined;
  const count = x!.shape[axis]!;
  for (let i = 0; i < rows.length; i++) if (!(rows[i]! >= 0 && rows[i]! < count)) return undefined;
  const outer = sizeOf(x!.shape.slice(0, axis));
  const inner = sizeOf(x!.shape.slice(axis + 1));
  const data = arrayLike(numbers.data, outer * rows.length * inner, store);
  let at = 0;
  for (let n = 0; n < outer; n++) {
    for (let i = 0; i < rows.length; i++, at += inner) {
      copyRun(data, at, numbers.data, (n * count + rows[i]!) * inner, inner);
    }
  }
  return { data, type: numbers.type, shape: x!.shape.toSpliced(axis, 1, ...indices!.shape) };
};

/** Kernels that put elements elsewhere. */
export const copyKernels: PlainKernels = {
  Slice: slice,
  SplitV: splitV,
  Unpack: unpack,
  Concat: concat,
  Pack: pack,
  PadV2: pad,
  Transpose: transpose,
  GatherV2: gather,
};
