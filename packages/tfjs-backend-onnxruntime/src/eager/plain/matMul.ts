import { backend_util, type TensorInfo } from "@tensorflow/tfjs";
import { type RuleAttributes, sizeOf } from "../../kernels/rule";
import { type WasmMemory, webAssembly } from "../../update/webAssembly";
import { matMulWasm } from "./matMulWasm";
import {
  floatsOf,
  type PlainKernel,
  type PlainKernels,
  type PlainResult,
  type PlainStore,
} from "./plainKernel";
import { unaryLoops } from "./unary";

interface Kernel {
  memory: WasmMemory;
  /** Address and length of the room for matrices. */
  numbers: { value: number };
  capacity: { value: number };
  transpose(from: number, to: number, rows: number, columns: number): void;
  multiply(a: number, b: number, c: number, rows: number, inner: number, columns: number): void;
}

let loaded: { kernel: Kernel; room: Float32Array } | undefined;

function load() {
  if (loaded) return loaded;
  const { Instance, Module } = webAssembly();
  const { exports } = new Instance(new Module(Buffer.from(matMulWasm, "base64")), {});
  const kernel = exports as unknown as Kernel;
  const room = new Float32Array(kernel.memory.buffer, kernel.numbers.value, kernel.capacity.value);
  loaded = { kernel, room };
  return loaded;
}

/** One matrix of a batch: where it starts in its tensor's data, its sides, and whether it is to be transposed. */
interface Matrix {
  data: Float32Array;
  rows: number;
  columns: number;
  transposed: boolean;
}

/** Writes a matrix into the room and gives its place, transposed if it is to be. `at` counts numbers. */
function place({ data, rows, columns, transposed }: Matrix, index: number, at: number): number {
  const { kernel, room } = load();
  const size = rows * columns;
  const start = index * size;
  room.set(size === data.length ? data : data.subarray(start, start + size), at);
  if (!transposed) return at;
  const base = kernel.numbers.value;
  kernel.transpose(base + 4 * at, base + 4 * (at + size), rows, columns);
  return at + size;
}

/** a b for two matrices or batches of them, small enough for the room. */
function product(
  a: TensorInfo,
  b: TensorInfo,
  attributes: RuleAttributes,
  store: PlainStore,
): PlainResult | undefined {
  const left = matrixOf(a, attributes.transposeA === true, store);
  const right = matrixOf(b, attributes.transposeB === true, store);
  if (!left || !right) return undefined;
  const [rows, inner] = left.transposed ? [left.columns, left.rows] : [left.rows, left.columns];
  const [innerB, columns] = right.transposed ? [right.columns, right.rows] : [right.rows, right.columns];
  const batch = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [aCount, bCount] = [left, right].map(({ data, rows, columns }) => data.length / (rows * columns));
  const count = sizeOf(batch);
  const fits = 2 * rows * inner + 2 * inner * columns + rows * columns <= load().room.length;
  // tfjs-cpu says what is wrong with sides that disagree. Batches of which both are repeated are rare.
  if (inner !== innerB || !fits || !isWholeOrOne(aCount!, count) || !isWholeOrOne(bCount!, count))
    return undefined;
  const { kernel, room } = load();
  const base = kernel.numbers.value;
  const data = store.floats(count * rows * columns);
  const bPlace = 2 * rows * inner;
  const cPlace = bPlace + 2 * inner * columns;
  for (let index = 0; index < count; index++) {
    const aAt = place(left, aCount === 1 ? 0 : index, 0);
    const bAt = place(right, bCount === 1 ? 0 : index, bPlace);
    kernel.multiply(base + 4 * aAt, base + 4 * bAt, base + 4 * cPlace, rows, inner, columns);
    data.set(room.subarray(cPlace, cPlace + rows * columns), index * rows * columns);
  }
  return { data, type: "float32", shape: [...batch, rows, columns] };
}

const isWholeOrOne = (own: number, count: number) => own === count || own === 1;

function matrixOf(info: TensorInfo, transposed: boolean, store: PlainStore): Matrix | undefined {
  const data = floatsOf(info, store);
  const [rows, columns] = info.shape.slice(-2) as [number, number];
  return data && data.length > 0 ? { data, rows, columns, transposed } : undefined;
}

const batchMatMul: PlainKernel = ({ a, b }, attributes, store) => product(a!, b!, attributes, store);

/** Kernels of the activations that a product may be fused with, by what TensorFlow.js calls them. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
};

/** A product, then in place a bias of one number per column, then the activation. */
const fusedMatMul: PlainKernel = ({ a, b, bias }, attributes, store) => {
  const activation = attributes.activation ?? "linear";
  const loop = unaryLoops[ACTIVATIONS[activation] ?? ""];
  if (!loop && activation !== "linear") return undefined;
  const shift = bias && floatsOf(bias, store);
  const columns = b!.shape.at(attributes.transposeB ? -2 : -1);
  if (bias && (shift?.length !== columns || bias.shape.at(-1) !== columns)) return undefined;
  const result = product(a!, b!, attributes, store);
  if (!result) return undefined;
  const data = result.data as Float32Array;
  if (shift) addToRows(data, shift);
  loop?.(data, data, { alpha: attributes.leakyreluAlpha });
  return result;
};

function addToRows(data: Float32Array, shift: Float32Array): void {
  for (let start = 0; start < data.length; start += shift.length) {
    for (let i = 0; i < shift.length; i++) data[start + i]! += shift[i]!;
  }
}

/** Products of small matrices, by WebAssembly. */
export const matMulKernels: PlainKernels = { BatchMatMul: batchMatMul, _FusedMatMul: fusedMatMul };
