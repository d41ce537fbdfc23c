import type { DrawStream } from "./drawStream";

/**
 * The law of one amount: a number of digits, uniform over the classes, then a number of that many digits, uniform.
 * Amounts of a passage are drawn independently of each other, on condition that they differ and that the story holds.
 */
export interface AmountLaw {
  readonly minimum: number;
  readonly maximum: number;
  /** One class for each number of digits. */
  readonly classes: readonly { readonly minimum: number; readonly size: number }[];
}

/** Amounts of `fewest` to `most` digits. */
export function createAmountLaw(fewest: number, most: number): AmountLaw {
  const classes = [];
  for (let digits = fewest; digits <= most; digits++) {
    classes.push({ minimum: 10 ** (digits - 1), size: 9 * 10 ** (digits - 1) });
  }
  return { minimum: 10 ** (fewest - 1), maximum: 10 ** most - 1, classes };
}

export function drawAmount({ classes }: AmountLaw, stream: DrawStream): number {
  const { minimum, size } = classes[stream.below(classes.length)]!;
  return minimum + stream.below(size);
}

const KEPT_TABLES = 2048;

/**
 * Draws `count` amounts that differ from each other and from those in `taken`: exactly the law of independent amounts
 * on that condition. Drawing all until they differ has the same law but may never end, and drawing single amounts again
 * has another one, since a small class fills up.
 */
export class DistinctAmounts {
  readonly #law: AmountLaw;
  readonly #count: number;
  readonly #tables = new Map<string, readonly Float64Array[]>();

  constructor(law: AmountLaw, count: number) {
    this.#law = law;
    this.#count = count;
  }

  /**
   * How likely independent amounts are to differ from each other and from those taken, up to a constant factor. What is
   * drawn before must be accepted in proportion to it.
   */
  weight(taken: Iterable<number>): number {
    return this.#table(this.#countByClass(taken))[0]![this.#count]!;
  }

  /** The greatest weight with that many amounts taken: all from the largest class, whose amounts are the rarest. */
  greatestWeight(taken: number): number {
    const counts = this.#law.classes.map((_, i, { length }) => (i === length - 1 ? taken : 0));
    return this.#table(counts)[0]![this.#count]!;
  }

  draw(taken: ReadonlySet<number>, stream: DrawStream): number[] {
    const { classes } = this.#law;
    const byClass = this.#countByClass(taken);
    const suffixes = this.#table(byClass);
    const classOf: number[] = [];
    let left = this.#count;
    for (const [i, { size }] of classes.entries()) {
      const chosen = this.#drawCount(series(size, byClass[i]!, left), suffixes[i + 1]!, left, stream);
      for (let n = 0; n < chosen; n++) classOf.push(i);
      left -= chosen;
    }
    const used = new Set(taken);
    return stream.pick(classOf, classOf.length).map((i) => {
      const { minimum, size } = classes[i]!;
      for (;;) {
        const amount = minimum + stream.below(size);
        if (used.has(amount)) continue;
        used.add(amount);
        return amount;
      }
    });
  }

  /** How many of the `left` amounts belong to a class, whose series is given, the later classes' being `suffix`. */
  #drawCount(own: Float64Array, suffix: Float64Array, left: number, stream: DrawStream): number {
    if (this.#law.classes.length === 1) return left;
    let total = 0;
    for (let n = 0; n <= left; n++) total += own[n]! * suffix[left - n]!;
    let rest = stream.unit() * total;
    let last = 0;
    for (let n = 0; n <= left; n++) {
      const weight = own[n]! * suffix[left - n]!;
      if (weight === 0) continue;
      last = n;
      rest -= weight;
      if (rest < 0) break;
    }
    return last;
  }

  #countByClass(taken: Iterable<number>): number[] {
    const counts = this.#law.classes.map(() => 0);
    for (const amount of taken) {
      const at = this.#law.classes.findIndex(
        ({ minimum, size }) => amount >= minimum && amount < minimum + size,
      );
      if (at >= 0) counts[at]! += 1;
    }
    return counts;
  }

  /** Products of the classes' series from each class to the last: entry n is the weight of n amounts among them. */
  #table(taken: readonly number[]): readonly Float64Array[] {
    const name = taken.join();
    let table = this.#tables.get(name);
    if (table === undefined) {
      const suffixes: Float64Array[] = [
        Float64Array.from({ length: this.#count + 1 }, (_, n) => (n === 0 ? 1 : 0)),
      ];
      for (let i = taken.length - 1; i >= 0; i--) {
        suffixes.unshift(
          multiply(series(this.#law.classes[i]!.size, taken[i]!, this.#count), suffixes[0]!, this.#count),
        );
      }
      table = suffixes;
      if (this.#tables.size >= KEPT_TABLES) this.#tables.clear();
      this.#tables.set(name, table);
    }
    return table;
  }
}

/**
 * The exponential generating function of a class: entry n is the probability that n draws from `size` amounts differ
 * from each other and from those taken, over n factorial.
 */
function series(size: number, taken: number, length: number): Float64Array {
  const out = new Float64Array(length + 1);
  out[0] = 1;
  for (let n = 1; n <= length; n++) out[n] = (out[n - 1]! * Math.max(0, size - taken - n + 1)) / (size * n);
  return out;
}

function multiply(a: Float64Array, b: Float64Array, length: number): Float64Array {
  const out = new Float64Array(length + 1);
  for (let i = 0; i <= length; i++) for (let j = 0; i + j <= length; j++) out[i + j]! += a[i]! * b[j]!;
  return out;
}
