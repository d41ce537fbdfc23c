import { SymgradError } from "@symgrad/core";
import { WordVectors } from "../wordVectors";
import { decodeWord } from "./word";
import type { LoadWordVectorsOptions } from "./wordVectorsFormat";

export interface TableBuilderOptions extends LoadWordVectorsOptions {
  readonly file: string;
  /** What positions count, for errors. */
  readonly unit: "line" | "byte";
  /** As many as the file says or holds; `limit` may make it fewer. */
  readonly rows: number;
  readonly dimension: number;
}

/** The table while its file is read: a reader writes the next row at `offset` of `values`, then adds its word. */
export class TableBuilder {
  readonly dimension: number;
  readonly values: Float32Array;
  readonly #options: TableBuilderOptions;
  readonly #rows: number;
  readonly #words: string[] = [];
  readonly #seen = new Set<string>();
  #read = 0;

  constructor(options: TableBuilderOptions) {
    const { rows, dimension, limit = rows } = options;
    this.#options = options;
    this.#rows = Math.min(rows, limit);
    this.dimension = dimension;
    try {
      this.values = new Float32Array(this.#rows * dimension);
    } catch (cause) {
      const gigabytes = ((this.#rows * dimension * 4) / 1e9).toFixed(1);
      throw new SymgradError(
        "E_RANGE",
        `${this.#rows} words x ${dimension} numbers take ${gigabytes} GB, more than can be had`,
        {
          where: options.file,
          hint: "read the first words only: limit (--limit)",
          cause,
        },
      );
    }
  }

  /** Where in `values` the next row goes. */
  get offset(): number {
    return this.#words.length * this.dimension;
  }

  /** Rows read so far, repeated words included. */
  get read(): number {
    return this.#read;
  }

  /** Whether nothing more is to be read. */
  get full(): boolean {
    return this.#read === this.#rows;
  }

  /**
   * Ends a row: `bytes` from `start` to `end` are its word.
   *
   * @param position Of the row in the file.
   */
  addBytes(bytes: Uint8Array, start: number, end: number, position: number): void {
    const { unicodeErrors = "refuse" } = this.#options;
    this.add(
      decodeWord(bytes, start, end, unicodeErrors, () => this.where(position)),
      position,
    );
  }

  /** Ends a row that belongs to `word`. */
  add(word: string, position: number): void {
    const { values, offset, dimension } = this;
    for (let i = offset; i < offset + dimension; i++) {
      const value = values[i]!;
      if (value - value !== 0) {
        throw this.problem(
          `number ${i - offset + 1} of the word ${JSON.stringify(word)} is ${value}`,
          position,
          {
            hint: "only finite numbers can be searched; train or export the vectors again",
          },
        );
      }
    }
    this.#read += 1;
    if (this.#seen.has(word)) {
      if (this.#options.duplicates === "first") return;
      throw this.problem(
        `the word ${JSON.stringify(word)} comes again; it is word ${this.#words.indexOf(word) + 1} already`,
        position,
        { hint: 'pass duplicates: "first" (--duplicates first) to keep the first of each' },
      );
    }
    this.#seen.add(word);
    this.#words.push(word);
  }

  build(): WordVectors {
    const { values, dimension } = this;
    const words = this.#words;
    const whole = words.length === this.#rows;
    return new WordVectors({ words, dimension, values: whole ? values : values.slice(0, this.offset) });
  }

  /** An error of the file's contents at this position. */
  problem(sentence: string, position: number, { hint }: { hint?: string } = {}): SymgradError {
    return new SymgradError("E_FORMAT", sentence, { where: this.where(position), hint });
  }

  where(position: number): string {
    return `${this.#options.file}, ${this.#options.unit} ${position}`;
  }
}
