import { SymgradError } from "../errors";
import type { Graph, Value } from "../graph/graph";
import { cast, type KernelRule, type KernelRules, reshape } from "./rule";
import { slice } from "./shapes";

/** Arithmetic on float32 values of `[batch, places]`, where the other operand may be a number. */
function arithmetic(graph: Graph, shape: readonly number[]) {
  const number = (value: number): Value => graph.scalar(value, "float32");
  const value = (x: Value | number): Value => (typeof x === "number" ? number(x) : x);
  const float = { type: "float32", shape } as const;
  const bool = { type: "bool", shape } as const;
  const compute = (op: string, ...x: (Value | number)[]): Value => graph.node(op, x.map(value), float);
  const compare = (op: string, ...x: (Value | number)[]): Value => graph.node(op, x.map(value), bool);
  return { compute, compare };
}
type Arithmetic = ReturnType<typeof arithmetic>;

/** Where a coordinate outside the image reads it, as TensorFlow.js has it. */
function mapped({ compute, compare }: Arithmetic, at: Value, length: number, mode: string): Value {
  if (mode !== "reflect" && mode !== "wrap" && mode !== "nearest") return at;
  const clamped = (x: Value): Value => compute("Min", compute("Max", x, 0), length - 1);
  if (mode === "nearest" || length <= 1) return clamped(at);
  const truncated = (x: Value, by: number): Value => compute("Floor", compute("Div", x, by));
  const isBelow = compare("Less", at, 0);
  const isAbove = compare("Greater", at, length - 1);
  const negative = compute("Neg", at);
  let below: Value;
  let above: Value;
  if (mode === "wrap") {
    below = compute("Add", at, compute("Mul", compute("Add", truncated(negative, length - 1), 1), length));
    above = compute("Sub", at, compute("Mul", truncated(at, length - 1), length));
  } else {
    const period = 2 * length;
    const shifted = compute("Add", at, compute("Mul", truncated(negative, period), period));
    const mirrored = compute("Sub", compute("Neg", shifted), 1);
    below = compute("Where", compare("Less", shifted, -length), compute("Add", shifted, period), mirrored);
    const reduced = compute("Sub", at, compute("Mul", truncated(at, period), period));
    const back = compute("Sub", period - 1, reduced);
    above = compute("Where", compare("GreaterOrEqual", reduced, length), back, reduced);
  }
  return clamped(compute("Where", isBelow, below, compute("Where", isAbove, above, at)));
}

/** The projective map of each image's pixels, read at the nearest pixel or between four. */
const transform: KernelRule = (graph, inputs, attributes) => {
  const { interpolation, fillMode, fillValue, outputShape } = attributes;
  const [batch, height, width, channels] = inputs.image!.shape as [number, number, number, number];
  const [outHeight, outWidth] = (outputShape ?? [height, width]) as [number, number];
  if (interpolation !== "nearest" && interpolation !== "bilinear") {
    throw new SymgradError("E_RANGE", `Transform: expected nearest or bilinear, got ${interpolation}.`);
  }
  const places = outHeight * outWidth;
  const shape = [batch, places];
  const math = arithmetic(graph, shape);
  const { compute, compare } = math;
  const factors = inputs.transforms!;
  const factor = (i: number): Value => slice(graph, factors, [0, i], [factors.shape[0]!, 1]);
  const place = (of: (i: number) => number): Value =>
    graph.constant(
      Float32Array.from({ length: places }, (_, i) => of(i)),
      "float32",
      [1, places],
    );
  const [x, y] = [place((i) => i % outWidth), place((i) => Math.floor(i / outWidth))];
  const line = (i: number, constant: Value | number): Value =>
    compute("Add", compute("Add", compute("Mul", factor(i), x), compute("Mul", factor(i + 1), y)), constant);
  const projection = line(6, 1);
  const isNowhere = compare("Equal", projection, 0);
  const divisor = compute("Where", isNowhere, 1, projection);
  const column = mapped(math, compute("Div", line(0, factor(2)), divisor), width, fillMode);
  const row = mapped(math, compute("Div", line(3, factor(5)), divisor), height, fillMode);

  const pixels = reshape(graph, cast(graph, inputs.image!, "float32"), [batch * height * width, channels]);
  const offsets = graph.constant(
    Float32Array.from({ length: batch }, (_, i) => i * height * width),
    "float32",
    [batch, 1],
  );
  const full = { type: "float32", shape: [batch, places, channels] } as const;
  const column3 = (x: Value): Value => reshape(graph, x, [batch, places, 1]);
  const combine = (op: string, ...x: Value[]): Value => graph.node(op, x, full);
  const read = (row: Value, column: Value): Value => {
    const isInside = [
      compare("GreaterOrEqual", row, 0),
      compare("Less", row, height),
      compare("GreaterOrEqual", column, 0),
      compare("Less", column, width),
    ].reduce((a, b) => graph.node("And", [a, b], { type: "bool", shape }));
    const at = compute("Add", compute("Add", compute("Mul", row, width), column), offsets);
    // Where nothing is read the coordinates may be anything, NaN too.
    const index = cast(graph, compute("Where", isInside, at, 0), "int32");
    const seen = graph.node("Gather", [pixels, index], full, { axis: 0 });
    return combine("Where", column3(isInside), seen, graph.scalar(fillValue, "float32"));
  };
  const rounded = (x: Value): Value => compute("Floor", compute("Add", x, 0.5));
  let result: Value;
  if (interpolation === "nearest") {
    result = read(rounded(row), rounded(column));
  } else {
    const [top, left] = [compute("Floor", row), compute("Floor", column)];
    const [bottom, right] = [compute("Add", top, 1), compute("Add", left, 1)];
    const mix = (share: Value, from: Value, to: Value): Value => {
      const rest = compute("Sub", 1, share);
      return combine("Add", combine("Mul", column3(rest), from), combine("Mul", column3(share), to));
    };
    const across = compute("Sub", column, left);
    const upper = mix(across, read(top, left), read(top, right));
    const lower = mix(across, read(bottom, left), read(bottom, right));
    result = mix(compute("Sub", row, top), upper, lower);
  }
  const filled = combine("Where", column3(isNowhere), graph.scalar(fillValue, "float32"), result);
  return cast(graph, reshape(graph, filled, [batch, outHeight, outWidth, channels]), inputs.image!.type);
};

export const transformRules: KernelRules = { Transform: transform };
