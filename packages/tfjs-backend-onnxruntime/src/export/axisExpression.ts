import type { Graph, Value } from "../graph/graph";

/** An axis whose length is only known when the exported graph runs, and two lengths that it was traced at. */
export interface DynamicAxis {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/**
 * An integer that depends on the lengths of the axes: the sum over all subsets S of the axes of coefficients[S] times
 * the product of the lengths in S; bit k of S stands for axis k. Every shape that products, sums and slices of whole
 * axes give is of this form.
 */
export type AxisExpression = readonly number[];

/**
 * The expression through the numbers seen at every combination of low and high lengths.
 *
 * @param numbers One per combination, bit k of the position set where axis k was high.
 * @returns `undefined` if a coefficient is not a whole number.
 */
export function fitExpression(
  numbers: readonly number[],
  axes: readonly DynamicAxis[],
): AxisExpression | undefined {
  const coefficients = [...numbers];
  for (const [k, { low, high }] of axes.entries()) {
    for (let set = 0; set < coefficients.length; set++) {
      if (set & (1 << k)) continue;
      const [atLow, atHigh] = [coefficients[set]!, coefficients[set | (1 << k)]!];
      const slope = (atHigh - atLow) / (high - low);
      coefficients[set] = atLow - slope * low;
      coefficients[set | (1 << k)] = slope;
    }
  }
  return coefficients.every(Number.isInteger) ? coefficients : undefined;
}

/** The expression's value at some lengths. */
export function evaluateExpression(expression: AxisExpression, lengths: readonly number[]): number {
  return expression.reduce((total, coefficient, set) => {
    const factors = lengths.filter((_, k) => set & (1 << k));
    return total + factors.reduce((product, length) => product * length, coefficient);
  }, 0);
}

export function isFixed(expression: AxisExpression): boolean {
  return expression.every((coefficient, set) => set === 0 || coefficient === 0);
}

/** As ONNX shows it: a length, an axis's name, or a formula such as "2*batch*sequence". */
export function describeExpression(
  expression: AxisExpression,
  axes: readonly DynamicAxis[],
): number | string {
  if (isFixed(expression)) return expression[0]!;
  return expression
    .flatMap((coefficient, set) => {
      if (coefficient === 0) return [];
      const names = axes.filter((_, k) => set & (1 << k)).map(({ name }) => name);
      return [[...(coefficient === 1 && names.length > 0 ? [] : [coefficient]), ...names].join("*")];
    })
    .reverse()
    .join("+");
}

/** Nodes that compute a vector of expressions, int64. `lengths` are the axes' lengths, int64 `[1]` each. */
export function vectorNodes(
  graph: Graph,
  expressions: readonly AxisExpression[],
  lengths: readonly Value[],
): Value {
  const parts: Value[] = [];
  let fixed: number[] = [];
  const flush = () => {
    if (fixed.length > 0) parts.push(graph.int64(fixed));
    fixed = [];
  };
  for (const expression of expressions) {
    if (isFixed(expression)) {
      fixed.push(expression[0]!);
      continue;
    }
    flush();
    parts.push(scalarNodes(graph, expression, lengths));
  }
  flush();
  if (parts.length === 0) return graph.int64([]);
  if (parts.length === 1) return parts[0]!;
  return graph.node("Concat", parts, { type: "int64", shape: [expressions.length] }, { axis: 0 });
}

function scalarNodes(graph: Graph, expression: AxisExpression, lengths: readonly Value[]): Value {
  const one = { type: "int64", shape: [1] } as const;
  const terms = expression.flatMap((coefficient, set) => {
    if (coefficient === 0) return [];
    const factors = lengths.filter((_, k) => set & (1 << k));
    if (coefficient !== 1 || factors.length === 0) factors.push(graph.int64([coefficient]));
    return [factors.reduce((product, factor) => graph.node("Mul", [product, factor], one))];
  });
  return terms.reduce((total, term) => graph.node("Add", [total, term], one));
}
