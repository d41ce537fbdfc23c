/** How often a cache helped. */
export interface CacheCounters {
  hits: number;
  misses: number;
  evictions: number;
}

/** What is kept for one key, and its neighbors in the order of use. */
interface Entry<T> {
  readonly key: readonly string[];
  value: T;
  older: Entry<T> | undefined;
  newer: Entry<T> | undefined;
}

/** One part of the key leads to the next level, the last part to the entry: no key is ever joined to one text. */
type Level<T> = Map<string, Level<T> | Entry<T>>;

/** Keeps what was used last. Counts, so that a test can prove that it hits. */
export class ResultCache<T> {
  readonly capacity: number;
  readonly counters: CacheCounters = { hits: 0, misses: 0, evictions: 0 };
  readonly #root: Level<T> = new Map();
  #newest: Entry<T> | undefined;
  #oldest: Entry<T> | undefined;
  #size = 0;

  /** @param capacity The most entries after a {@link trim}; 0 keeps none. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** @param key Always of the same length, at least 1. */
  get(key: readonly string[]): T | undefined {
    const entry = this.#find(key);
    if (entry === undefined) {
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    if (entry !== this.#newest) {
      this.#unlink(entry);
      this.#append(entry);
    }
    return entry.value;
  }

  set(key: readonly string[], value: T): void {
    this.delete(key);
    const entry: Entry<T> = { key: [...key], value, older: undefined, newer: undefined };
    const last = key.length - 1;
    let level = this.#root;
    for (let part = 0; part < last; part++) {
      let next = level.get(key[part]!) as Level<T> | undefined;
      if (next === undefined) {
        next = new Map();
        level.set(key[part]!, next);
      }
      level = next;
    }
    level.set(key[last]!, entry);
    this.#append(entry);
    this.#size++;
  }

  delete(key: readonly string[]): void {
    const entry = this.#find(key);
    if (entry === undefined) return;
    this.#remove(this.#root, key, 0);
    this.#unlink(entry);
    this.#size--;
  }

  /** Drops the oldest entries above the capacity. Called after a batch, so that nothing is computed twice in one. */
  trim(): void {
    while (this.#size > this.capacity) {
      this.delete(this.#oldest!.key);
      this.counters.evictions++;
    }
  }

  #find(key: readonly string[]): Entry<T> | undefined {
    let found: Level<T> | Entry<T> | undefined = this.#root;
    for (let part = 0; part < key.length; part++) {
      found = (found as Level<T>).get(key[part]!);
      if (found === undefined) return undefined;
    }
    return found as Entry<T>;
  }

  /** Removes the levels that become empty as well. */
  #remove(level: Level<T>, key: readonly string[], part: number): void {
    if (part < key.length - 1) {
      const next = level.get(key[part]!) as Level<T>;
      this.#remove(next, key, part + 1);
      if (next.size > 0) return;
    }
    level.delete(key[part]!);
  }

  #append(entry: Entry<T>): void {
    entry.older = this.#newest;
    entry.newer = undefined;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  #unlink(entry: Entry<T>): void {
    if (entry.older !== undefined) entry.older.newer = entry.newer;
    else this.#oldest = entry.newer;
    if (entry.newer !== undefined) entry.newer.older = entry.older;
    else this.#newest = entry.older;
  }
}
