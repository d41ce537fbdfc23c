import { nearestNames, SymgradError } from "@symgrad/core";

/** What {@link WordVectors} is made of. */
export interface WordVectorsOptions {
  /** The vocabulary, in the order of the rows; each word once. */
  readonly words: readonly string[];
  /** Components of a vector. */
  readonly dimension: number;
  /** The table, row after row: float32 [words, dimension]. It is kept, not copied. */
  readonly values: Float32Array;
}

/** A vocabulary with one vector for each word: what trainers give, files hold and searches read. */
export class WordVectors {
  readonly words: readonly string[];
  readonly dimension: number;
  /** float32 [words, dimension], row after row. */
  readonly values: Float32Array;
  readonly #rows: Map<string, number>;

  /** @throws SymgradError `E_RANGE`, `E_SHAPE` if the table is not words x dimension, `E_NAME` if a word stands twice. */
  constructor({ words, dimension, values }: WordVectorsOptions) {
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new SymgradError("E_RANGE", `dimension is ${dimension}, wanted a whole number from 1 on`, {
        where: "WordVectors",
      });
    }
    if (values.length !== words.length * dimension) {
      throw new SymgradError(
        "E_SHAPE",
        `the table holds ${values.length} numbers, wanted ${words.length} words x ${dimension} = ${words.length * dimension}`,
        { where: "WordVectors" },
      );
    }
    this.words = words;
    this.dimension = dimension;
    this.values = values;
    this.#rows = new Map();
    for (const [row, word] of words.entries()) {
      const first = this.#rows.get(word);
      if (first !== undefined) {
        throw new SymgradError(
          "E_NAME",
          `the word ${JSON.stringify(word)} stands twice, in rows ${first} and ${row}`,
          {
            where: "WordVectors",
            hint: "keep one of the rows",
          },
        );
      }
      this.#rows.set(word, row);
    }
  }

  /** How many words there are. */
  get size(): number {
    return this.words.length;
  }

  has(word: string): boolean {
    return this.#rows.has(word);
  }

  /** @returns The word's row, or undefined if it is not in the vocabulary. */
  row(word: string): number | undefined {
    return this.#rows.get(word);
  }

  /**
   * @returns A view of the word's vector, float32 [dimension].
   * @throws SymgradError `E_WORD` naming words that are spelled nearly alike.
   */
  vector(word: string): Float32Array {
    const row = this.#rows.get(word);
    if (row === undefined) throw this.#unknown(word);
    return this.values.subarray(row * this.dimension, (row + 1) * this.dimension);
  }

  #unknown(word: string): SymgradError {
    const near = nearestNames(word, this.words);
    return new SymgradError(
      "E_WORD",
      `${JSON.stringify(word)} is not among the ${this.size} words of the vocabulary`,
      {
        where: "WordVectors",
        hint:
          near.length > 0
            ? `spelled nearly alike: ${near.join(", ")}`
            : "check upper and lower case, and the minimum count the vectors were trained with",
      },
    );
  }
}
