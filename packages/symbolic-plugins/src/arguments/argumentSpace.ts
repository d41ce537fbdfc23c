/** The values one argument of a function may take, for each example in a fixed order. */
export interface ArgumentSpace<T> {
  /** Spaces with the same source draw from the same list, so that "the same position" has a meaning. */
  readonly source: string;
  /**
   * @param where Put in front of errors: the function's name and the example's place in the batch.
   * @throws SymgradError `E_FORMAT` if the example has no such values.
   */
  values(example: object, where: string): readonly T[];
  /** As {@link ValueType.canonical}. */
  canonical(value: T): string;
  /** The field of an example whose list has these values, one for one; absent where there is no such field. */
  readonly field?: string;
  /** The name of the function whose results these are, at an earlier stage; absent where they are none. */
  readonly stage?: string;
  /** Whether every example has the same values, as those of a {@link range}; they are then listed once. */
  readonly fixed?: boolean;
  /** Fields of an example that has values for this space: what the contract's checks call the function with. */
  readonly samples?: Readonly<Record<string, unknown>>;
}

/** Argument names with their spaces, in the order in which tuples are written. */
export type ArgumentSpaces = Readonly<Record<string, ArgumentSpace<unknown>>>;

/** What `run` gets: one value for each argument, typed as its space says. */
export type ArgumentValues<Args extends ArgumentSpaces> = {
  readonly [Name in keyof Args]: SpaceValue<Args[Name]>;
};

/** The type of a space's values. */
export type SpaceValue<Space> = Space extends ArgumentSpace<infer T> ? T : never;

/** Where a value stands: the list it was drawn from and its index there. */
export interface Position {
  readonly source: string;
  readonly index: number;
}

/** The position of each argument of a candidate tuple. */
export type Positions<Args extends ArgumentSpaces> = { readonly [Name in keyof Args]: Position };
