import { type CompiledProgram, compileProgram, PIECE, type SimdOp } from "../../update/compileProgram";
import type { Operand } from "../../update/updateProgram";

/** Below this many elements JavaScript is faster: a call copies its arguments in and its result out. */
const WORTH = 128;

interface Kernel {
  compiled: CompiledProgram;
  /** Where the arguments' pieces lie, then the result's. */
  places: readonly Float32Array[];
}

const kernels = new Map<string, Kernel>();

/**
 * result = op(operands), element by element, by four-lane arithmetic.
 *
 * @param operands Arrays of the result's length, or shorter ones that repeat over it, or constants.
 * @returns False where JavaScript would be faster; nothing is computed then.
 */
export function simd(
  result: Float32Array,
  op: SimdOp,
  operands: readonly (Float32Array | number)[],
): boolean {
  if (result.length < WORTH) return false;
  const arrays = operands.filter((operand) => typeof operand !== "number");
  const { compiled, places } = load(op, operands);
  for (let start = 0; start < result.length; start += PIECE) {
    const length = Math.min(PIECE, result.length - start);
    for (let i = 0; i < arrays.length; i++) fill(places[i]!, arrays[i]!, start, length);
    compiled.kernel(4 * length);
    const place = places[arrays.length]!;
    result.set(length === PIECE ? place : place.subarray(0, length), start);
  }
  return true;
}

function load(op: SimdOp, operands: readonly (Float32Array | number)[]): Kernel {
  const key = `${op} ${operands.map((operand) => (typeof operand === "number" ? operand : "x"))}`;
  let kernel = kernels.get(key);
  if (!kernel) {
    let count = 0;
    const places = operands.map(
      (operand): Operand =>
        typeof operand === "number"
          ? { kind: "constant", number: operand }
          : { kind: "input", index: count++ },
    );
    const steps = [{ op, operands: places }];
    const results = [{ kind: "step", index: 0 } as const];
    const program = { inputs: { length: count }, scalars: [], steps, results };
    const compiled = compileProgram(program, new Map());
    const { buffer } = compiled.memory;
    const views = Array.from({ length: count + 1 }, (_, i) => new Float32Array(buffer, i * PIECE * 4, PIECE));
    kernel = { compiled, places: views };
    kernels.set(key, kernel);
  }
  return kernel;
}

/** Writes `length` elements from `start` on of an array, or of its repetitions. */
function fill(place: Float32Array, from: Float32Array, start: number, length: number): void {
  if (from.length === 1) place.fill(from[0]!, 0, length);
  else if (from.length >= start + length) {
    place.set(from.length === length ? from : from.subarray(start, start + length));
  } else {
    for (let at = 0; at < length; ) {
      const phase = (start + at) % from.length;
      const run = Math.min(from.length - phase, length - at);
      place.set(run === from.length ? from : from.subarray(phase, phase + run), at);
      at += run;
    }
  }
}
