import type { RandomKey } from "./randomKey";

/** Reads a key's words one after another, for draws whose number of words is not known beforehand. */
export class WordStream {
  readonly #key: RandomKey;
  readonly #buffer = new Uint32Array(64);
  #at = this.#buffer.length;
  #block = 0;

  constructor(key: RandomKey) {
    this.#key = key;
  }

  word(): number {
    if (this.#at === this.#buffer.length) {
      this.#key.fill(this.#buffer, this.#block);
      this.#block += this.#buffer.length / 2;
      this.#at = 0;
    }
    return this.#buffer[this.#at++]!;
  }

  /**
   * An integer uniform over 0 to `range` - 1, unbiased: draws above the last whole multiple of `range` are rejected.
   * `range` is at most 2^53.
   */
  below(range: number): number {
    const wide = range > 2 ** 32;
    const size = wide ? 2 ** 53 : 2 ** 32;
    const limit = size - (size % range);
    for (;;) {
      const draw = wide ? (this.word() >>> 11) * 2 ** 32 + this.word() : this.word();
      if (draw < limit) return draw % range;
    }
  }
}
