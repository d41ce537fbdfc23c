import { complexRules, kernelRules } from "./kernels";

const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /^(Unique|Where|NonMaxSuppression|SparseFillEmptyRows|SparseSegment|Ragged)/,
    "the shape of its result depends on values: call it outside the jitted function and pass what it gives, padded to a fixed shape",
  ],
  [
    /^(String|StaticRegex)/,
    "a graph holds numbers, not strings: call it outside the jitted function and pass the numbers that it leads to",
  ],
  [
    /^Multinomial$/,
    "its draws would be the same at every run: draw outside the jitted function and pass the numbers",
  ],
  [/^Draw$/, "it draws on a canvas: call it outside the jitted function, on a result of it"],
];

/**
 * What to do about a kernel that has no rule.
 *
 * @param complex Called with complex numbers.
 */
export function whyUntraceable(kernelName: string, complex: boolean): string {
  if (complex) {
    return `of complex tensors only these can be traced: ${names(complexRules)}; work on tf.real and tf.imag`;
  }
  const known = reasons.find(([pattern]) => pattern.test(kernelName));
  return (
    known?.[1] ??
    `call it outside the jitted function, or compose it from these kernels: ${names(kernelRules)}`
  );
}

function names(rules: object): string {
  return Object.keys(rules).sort().join(", ");
}
