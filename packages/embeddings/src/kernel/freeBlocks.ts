/** Numbered blocks that are lent out: `take` waits for one, `all` for every one to be back. */
export class FreeBlocks {
  readonly #free: number[];
  readonly #count: number;
  #failure: { error: unknown } | undefined;
  #waiting: (() => void) | undefined;

  constructor(count: number) {
    this.#count = count;
    this.#free = Array.from({ length: count }, (_, block) => block);
  }

  async take(): Promise<number> {
    while (this.#free.length === 0) await this.#change();
    if (this.#failure) throw this.#failure.error;
    return this.#free.shift()!;
  }

  give(block: number): void {
    this.#free.push(block);
    this.#waiting?.();
  }

  /** A block is lost: whoever waits gets the error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.();
  }

  async all(): Promise<void> {
    while (this.#free.length < this.#count) await this.#change();
  }

  #change(): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
