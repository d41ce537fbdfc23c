/** How an argument's values are read from an example, told apart in the cache, and shown in errors. */
export interface ValueType<T> {
  /** As in errors: `decimal`. */
  readonly name: string;
  /** What is accepted, for errors: `a decimal number such as 72, "72.5" or "5,903,204"`. */
  readonly expected: string;
  /** The value, or `undefined` if this is not one. What it makes is frozen. */
  parse(value: unknown): T | undefined;
  /**
   * Plain text without line breaks or other control characters, the same for two values only if a pure function
   * cannot tell them apart. It is the cache's key and what errors show.
   */
  canonical(value: T): string;
  /** What `parse` accepts, edge cases included: the contract's checks call functions with them. */
  readonly samples?: readonly unknown[];
}
