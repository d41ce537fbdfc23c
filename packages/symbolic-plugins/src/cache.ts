/** How often a cache helped. */
export interface CacheCounters {
  hits: number;
  misses: number;
  evictions: number;
}

/** Keeps what was used last. Counts, so that a test can prove that it hits. */
export class ResultCache<T> {
  readonly capacity: number;
  readonly counters: CacheCounters = { hits: 0, misses: 0, evictions: 0 };
  readonly #entries = new Map<string, T>(); // in order of use, the oldest first

  /** @param capacity The most entries after a {@link trim}; 0 keeps none. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) {
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, entry: T): void {
    this.#entries.set(key, entry);
  }

  /** Drops the oldest entries above the capacity. Called after a batch, so that nothing is computed twice in one. */
  trim(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.capacity) return;
      this.#entries.delete(key);
      this.counters.evictions++;
    }
  }
}
