/** An array above this many elements costs less to make than to fill. */
const LARGEST = 1 << 16;
const MOST_BYTES = 16 << 20;

/**
 * Arrays that were in use and are free again, by length. A new one of 1,024 elements costs more than an addition of as
 * many: memory is fetched, zeroed and, later, collected.
 */
export class FloatPool {
  private readonly free = new Map<number, Float32Array[]>();
  private bytes = 0;

  /** An array with any contents; undefined if there is none of this length. */
  take(size: number): Float32Array | undefined {
    const array = this.free.get(size)?.pop();
    if (array) this.bytes -= array.byteLength;
    return array;
  }

  /** @param array Nobody else may hold it or a view of its buffer. */
  give(array: Float32Array): void {
    if (array.length > LARGEST) return;
    // Lengths that are no longer in use would fill it for good.
    if (this.bytes + array.byteLength > MOST_BYTES) this.clear();
    this.bytes += array.byteLength;
    const list = this.free.get(array.length);
    if (list) list.push(array);
    else this.free.set(array.length, [array]);
  }

  clear(): void {
    this.free.clear();
    this.bytes = 0;
  }
}
