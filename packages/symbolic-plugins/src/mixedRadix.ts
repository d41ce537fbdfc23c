import { SymgradError } from "@symgrad/core";

/** The bijection between whole numbers and index tuples: a number written with a base of its own for each digit. */
export interface MixedRadix {
  /** How many tuples there are: the product of the sizes. */
  readonly count: number;
  /** The tuple of a number from 0 to `count - 1`; the last digit changes fastest. */
  tupleOf(index: number): number[];
  /** The number of a tuple, the inverse of {@link tupleOf}. */
  indexOf(tuple: ArrayLike<number>): number;
}

/**
 * @param sizes How many values each digit has.
 * @throws SymgradError `E_RANGE` if a size is no whole number of at least 0, if there are more than 2^53 - 1 tuples,
 *   and, when asked, for a number or a tuple outside.
 * @example mixedRadix([2, 3]).tupleOf(4); // [1, 1]
 */
export function mixedRadix(sizes: readonly number[]): MixedRadix {
  const count = sizes.reduce((product, size) => product * size, 1);
  if (!sizes.every((size) => Number.isInteger(size) && size >= 0) || !Number.isSafeInteger(count)) {
    throw new SymgradError(
      "E_RANGE",
      `mixedRadix: \`sizes\` must be whole numbers of at least 0 with a product below 2^53, got [${sizes.join(", ")}].`,
    );
  }
  const outside = (what: string): never => {
    throw new SymgradError("E_RANGE", `mixedRadix: ${what} is outside of [${sizes.join(", ")}].`);
  };
  return {
    count,
    tupleOf(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) outside(`${index}`);
      const tuple = new Array<number>(sizes.length);
      let rest = index;
      for (let digit = sizes.length - 1; digit >= 0; digit--) {
        tuple[digit] = rest % sizes[digit]!;
        rest = Math.floor(rest / sizes[digit]!);
      }
      return tuple;
    },
    indexOf(tuple) {
      if (tuple.length !== sizes.length) outside(`[${Array.from(tuple).join(", ")}]`);
      let index = 0;
      for (let digit = 0; digit < sizes.length; digit++) {
        const value = tuple[digit]!;
        if (!Number.isInteger(value) || value < 0 || value >= sizes[digit]!) {
          outside(`[${Array.from(tuple).join(", ")}]`);
        }
        index = index * sizes[digit]! + value;
      }
      return index;
    },
  };
}
