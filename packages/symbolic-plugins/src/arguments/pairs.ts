import type { ArgumentSpace } from "./argumentSpace";

export interface PairsOptions {
  /** Whether (a, b) and (b, a) are two pairs. Default `false`. */
  ordered?: boolean;
  /** Whether a position may not be paired with itself. Equal values at different positions stay. Default `true`. */
  distinct?: boolean;
}

/**
 * Pairs of one space's values as one argument, in lexicographic order of their positions: of n values n (n - 1) / 2,
 * n (n - 1), n (n + 1) / 2 or n^2 pairs, as the options say.
 *
 * @example pairs(fromExample("numbers"), { ordered: true }) // ArgumentSpace<readonly [Decimal, Decimal]>
 */
export function pairs<T>(
  space: ArgumentSpace<T>,
  options: PairsOptions = {},
): ArgumentSpace<readonly [T, T]> {
  const { ordered = false, distinct = true } = options;
  return {
    source: `${ordered ? "ordered" : "unordered"} ${distinct ? "distinct " : ""}pairs of ${space.source}`,
    values(example, where) {
      const list = space.values(example, where);
      return list.flatMap((first, i) =>
        list.flatMap((second, j) =>
          (!ordered && j < i) || (distinct && i === j) ? [] : [Object.freeze([first, second] as const)],
        ),
      );
    },
    canonical: ([first, second]) => JSON.stringify([space.canonical(first), space.canonical(second)]),
    ...(space.fixed !== undefined && { fixed: space.fixed }),
    ...(space.samples && { samples: space.samples }),
  };
}
