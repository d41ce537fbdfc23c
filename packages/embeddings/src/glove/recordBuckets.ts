import type fs from "node:fs/promises";
import { SymgradError } from "@symgrad/core";
import { nodeModule } from "../nodeModule";

type FileSystem = typeof fs;

/** Bytes kept for each bucket before they are written. */
const PIECE = 1 << 16;

/** Things of 16 bytes, put in numbered files of a temporary folder. */
export class RecordBuckets {
  readonly count: number;
  readonly #folder: string;
  readonly #fs: FileSystem;
  readonly #files: fs.FileHandle[];
  readonly #waiting: { words: Uint32Array; filled: number }[];

  private constructor(fs: FileSystem, folder: string, files: fs.FileHandle[]) {
    this.#fs = fs;
    this.#folder = folder;
    this.#files = files;
    this.count = files.length;
    this.#waiting = files.map(() => ({ words: new Uint32Array(PIECE / 4), filled: 0 }));
  }

  /**
   * @param folder Default: the system's folder for temporary files.
   * @throws SymgradError `E_MEMORY` in a browser, which has no such files.
   */
  static async create(count: number, folder: string | undefined): Promise<RecordBuckets> {
    const [fs, os, path] = [nodeModule("node:fs/promises"), nodeModule("node:os"), nodeModule("node:path")];
    if (!fs || !os || !path) {
      throw new SymgradError(
        "E_MEMORY",
        "the pairs need more memory than they were given, and there is no disk",
        {
          where: "in a browser",
          hint: "raise memory, or raise the vocabulary's minCount",
        },
      );
    }
    const place = await fs.mkdtemp(path.join(folder ?? os.tmpdir(), "symgrad-glove-"));
    const files: fs.FileHandle[] = [];
    for (let i = 0; i < count; i++) files.push(await fs.open(path.join(place, `${i}.bin`), "wx+"));
    return new RecordBuckets(fs, place, files);
  }

  /** Adds the four words that stand at `at`. @returns Whether the bucket must be flushed before it takes more. */
  add(bucket: number, from: Uint32Array, at: number): boolean {
    const waiting = this.#waiting[bucket]!;
    for (let i = 0; i < 4; i++) waiting.words[waiting.filled + i] = from[at + i]!;
    waiting.filled += 4;
    return waiting.filled === waiting.words.length;
  }

  /**
   * Writes what waits for a bucket, or for all.
   *
   * @throws SymgradError `E_DISK` if the disk is full, `E_FILE` for another failure.
   */
  async flush(bucket?: number): Promise<void> {
    const which = bucket === undefined ? [...this.#files.keys()] : [bucket];
    for (const i of which) {
      const waiting = this.#waiting[i]!;
      try {
        await this.#files[i]!.appendFile(new Uint8Array(waiting.words.buffer, 0, waiting.filled * 4));
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const full = code === "ENOSPC" || code === "EDQUOT";
        throw new SymgradError(
          full ? "E_DISK" : "E_FILE",
          `pairs cannot be put in ${this.#folder}: ${message}`,
          {
            hint: full
              ? "free space there, name another folder (--temporary-folder), or give more memory"
              : undefined,
            cause,
          },
        );
      }
      waiting.filled = 0;
    }
  }

  /** Bytes written to a bucket. */
  async size(bucket: number): Promise<number> {
    return (await this.#files[bucket]!.stat()).size;
  }

  /** A bucket's bytes, in pieces of whole records, which the next piece overwrites. */
  async *read(bucket: number): AsyncGenerator<Uint8Array> {
    const piece = new Uint8Array(PIECE);
    for (let at = 0; ; ) {
      const { bytesRead } = await this.#files[bucket]!.read(piece, 0, PIECE, at);
      if (bytesRead === 0) return;
      const end = bytesRead - (bytesRead % 16);
      yield piece.subarray(0, end);
      at += end;
    }
  }

  async dispose(): Promise<void> {
    for (const file of this.#files) await file.close();
    await this.#fs.rm(this.#folder, { recursive: true, force: true });
  }
}
