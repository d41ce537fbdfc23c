import { type CompiledProgram, PIECE } from "./compileProgram";

/** A sum of rows by number, most rows nothing: the gradient of a table that was read at some rows. */
export interface SparseRows {
  /** One after the other, each as long as a row of the table. */
  readonly rows: Float32Array;
  /** Each row's number in the table. Numbers outside the table are ignored. */
  readonly ids: Int32Array;
}

/**
 * Computes a program's results, element by element, so a result may be written over an input.
 *
 * @param size Elements of each tensor.
 */
export function runProgram(
  { memory, kernel }: CompiledProgram,
  size: number,
  inputs: readonly (Float32Array | SparseRows)[],
  scalars: readonly number[],
  results: readonly Float32Array[],
): void {
  const places = Array.from(
    { length: inputs.length + results.length },
    (_, i) => new Float32Array(memory.buffer, i * PIECE * 4, PIECE),
  );
  const readers = inputs.map(reader);
  for (let start = 0; start < size; start += PIECE) {
    const length = Math.min(PIECE, size - start);
    for (let i = 0; i < readers.length; i++) readers[i]!(places[i]!, start, length);
    kernel(length * 4, ...scalars);
    for (let i = 0; i < results.length; i++) {
      const place = places[inputs.length + i]!;
      results[i]!.set(length === PIECE ? place : place.subarray(0, length), start);
    }
  }
}

/** Writes `length` elements of an input from `start` on into `place`. Called with rising starts. */
type PieceReader = (place: Float32Array, start: number, length: number) => void;

function reader(input: Float32Array | SparseRows): PieceReader {
  if (input instanceof Float32Array) {
    return (place, start, length) => place.set(input.subarray(start, start + length));
  }
  const { rows, ids } = input;
  const width = rows.length / Math.max(ids.length, 1);
  // By number, then in the order given, so that sums come out the same at each run.
  const order = Uint32Array.from(ids.keys())
    .filter((row) => ids[row]! >= 0)
    .sort((a, b) => ids[a]! - ids[b]! || a - b);
  let first = 0;
  return (place, start, length) => {
    place.fill(0);
    const end = start + length;
    while (first < order.length && (ids[order[first]!]! + 1) * width <= start) first++;
    for (let i = first; i < order.length; i++) {
      const row = order[i]!;
      const at = ids[row]! * width;
      if (at >= end) break;
      const [from, to] = [Math.max(at, start), Math.min(at + width, end)];
      for (let element = from; element < to; element++) {
        place[element - start]! += rows[row * width + element - at]!;
      }
    }
  };
}
