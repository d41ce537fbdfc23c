import type { CooccurrenceTable } from "./cooccurrenceTable";
import { RecordBuckets } from "./recordBuckets";

/** Files that pairs are divided among: a pair always goes to the same one, so that each can be summed by itself. */
const PARTS = 64;

/** Pairs that found no room in memory. */
export class PairSpill {
  readonly parts = PARTS;
  readonly #buckets: RecordBuckets;

  private constructor(buckets: RecordBuckets) {
    this.#buckets = buckets;
  }

  static async create(folder: string | undefined): Promise<PairSpill> {
    return new PairSpill(await RecordBuckets.create(PARTS, folder));
  }

  /** Writes all pairs of a table. */
  async add(table: CooccurrenceTable): Promise<void> {
    const slots = table.slots();
    for (let slot = 0; slot < slots.length; slot += 4) {
      if (slots[slot] === 0) continue;
      const part = (slots[slot]! + 7 * slots[slot + 1]!) % PARTS;
      if (this.#buckets.add(part, slots, slot)) await this.#buckets.flush(part);
    }
    await this.#buckets.flush();
  }

  read(part: number): AsyncGenerator<Uint8Array> {
    return this.#buckets.read(part);
  }

  dispose(): Promise<void> {
    return this.#buckets.dispose();
  }
}
