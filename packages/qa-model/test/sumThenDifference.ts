import { defineFunction, distinct, fromExample, fromStage, ok, tokens } from "@symgrad/symbolic-plugins";

/** Of two numbers of the text. */
export const sum = defineFunction({
  name: "test.sum.v1",
  args: { a: fromExample("numbers"), b: fromExample("numbers") },
  where: distinct,
  symmetric: ["a", "b"],
  run: ({ a, b }) => ok(a.plus(b).toFixed(), { values: [a.plus(b).toFixed()] }),
  output: tokens({ symbols: ["-"] }),
  maxLength: 8,
});

/** Of that sum and a number of the text. */
export const difference = defineFunction({
  name: "test.difference.v1",
  args: { total: fromStage(sum), c: fromExample("numbers") },
  run: ({ total, c }) => ok(total.minus(c).toFixed(), { values: [total.minus(c).toFixed()] }),
  output: tokens({ symbols: ["-"] }),
  maxLength: 8,
});
