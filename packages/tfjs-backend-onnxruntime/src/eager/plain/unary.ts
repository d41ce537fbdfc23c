import type { RuleAttributes } from "../../kernels/rule";
import { floatsOf, type PlainKernels } from "./plainKernel";
import { simd } from "./simd";

/** result = op(x), element by element; `x` may be `result`. */
export type UnaryLoop = (result: Float32Array, x: Float32Array, attributes: RuleAttributes) => void;

export const unaryLoops: Readonly<Record<string, UnaryLoop>> = {
  Neg: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = -x[i]!;
  },
  Abs: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.abs(x[i]!);
  },
  Square: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = x[i]! * x[i]!;
  },
  Sqrt: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.sqrt(x[i]!);
  },
  Rsqrt: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = 1 / Math.sqrt(x[i]!);
  },
  Reciprocal: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = 1 / x[i]!;
  },
  Exp: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.exp(x[i]!);
  },
  Log: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.log(x[i]!);
  },
  Sigmoid: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = 1 / (1 + Math.exp(-x[i]!));
  },
  Tanh: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.tanh(x[i]!);
  },
  Relu: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.max(0, x[i]!);
  },
  Relu6: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = Math.min(Math.max(0, x[i]!), 6);
  },
  Elu: (r, x) => {
    for (let i = 0; i < r.length; i++) r[i] = x[i]! >= 0 ? x[i]! : Math.exp(x[i]!) - 1;
  },
  LeakyRelu: (r, x, { alpha }) => {
    for (let i = 0; i < r.length; i++) r[i] = x[i]! < 0 ? alpha * x[i]! : x[i]!;
  },
  Step: (r, x, { alpha }) => {
    for (let i = 0; i < r.length; i++) r[i] = x[i]! > 0 ? 1 : Number.isNaN(x[i]!) ? Number.NaN : alpha;
  },
  // Comparisons with NaN are false, so it passes.
  ClipByValue: (r, x, { clipValueMin, clipValueMax }) => {
    for (let i = 0; i < r.length; i++) {
      if (x[i]! > clipValueMax) r[i] = clipValueMax;
      else if (x[i]! < clipValueMin) r[i] = clipValueMin;
      else r[i] = x[i]!;
    }
  },
};

/** Those that are one instruction of WebAssembly. */
function runSimd(name: string, result: Float32Array, x: Float32Array): boolean {
  switch (name) {
    case "Neg":
    case "Abs":
    case "Sqrt":
      return simd(result, name, [x]);
    case "Square":
      return simd(result, "Mul", [x, x]);
    case "Reciprocal":
      return simd(result, "Div", [1, x]);
    case "Relu":
      return simd(result, "Max", [0, x]);
    default:
      return false;
  }
}

/** One float32 tensor, element by element. */
export const unaryKernels: PlainKernels = Object.fromEntries(
  Object.entries(unaryLoops).map(([name, loop]) => [
    name,
    ({ x }, attributes, store) => {
      const from = floatsOf(x!, store);
      if (!from) return undefined;
      const data = store.floats(from.length);
      if (!runSimd(name, data, from)) loop(data, from, attributes);
      return { data, type: "float32", shape: x!.shape };
    },
  ]),
);
