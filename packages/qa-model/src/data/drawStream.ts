import type { RandomKey } from "@symgrad/core";

const WORDS = 128;

/** Reads random words from a key one after another, for draws whose number is not known beforehand. */
export class DrawStream {
  readonly #key: RandomKey;
  #words: Uint32Array = new Uint32Array();
  #at = 0;
  #block = 0;

  constructor(key: RandomKey) {
    this.#key = key;
  }

  #word(): number {
    if (this.#at === this.#words.length) {
      this.#words = this.#key.fold(this.#block).bits(WORDS);
      this.#block += 1;
      this.#at = 0;
    }
    return this.#words[this.#at++]!;
  }

  /** An integer uniform over 0 to `range` - 1, without bias; `range` is at most 2^53. */
  below(range: number): number {
    const wide = range > 2 ** 32;
    const size = wide ? 2 ** 53 : 2 ** 32;
    const limit = size - (size % range);
    for (;;) {
      const draw = wide ? (this.#word() >>> 11) * 2 ** 32 + this.#word() : this.#word();
      if (draw < limit) return draw % range;
    }
  }

  coin(): boolean {
    return this.below(2) === 1;
  }

  /** A number uniform over (0, 1), in steps of 2^-52. */
  unit(): number {
    return (this.below(2 ** 52) + 0.5) / 2 ** 52;
  }

  /** `count` different items, every choice in every order equally likely. */
  pick<Item>(items: readonly Item[], count: number): Item[] {
    const rest = [...items];
    for (let i = 0; i < count; i++) {
      const j = i + this.below(rest.length - i);
      [rest[i], rest[j]] = [rest[j]!, rest[i]!];
    }
    return rest.slice(0, count);
  }
}
