import type { Operand, UpdateOp } from "./updateProgram";
import { type WasmMemory, webAssembly } from "./webAssembly";

/** Elements per call: the tensors' pieces stay in the processor's cache. */
export const PIECE = 4096;
const PIECE_BYTES = PIECE * 4;

/** Computes the results of one piece: inputs lie one piece after the other in the memory, results after them. */
export type PieceKernel = (bytes: number, ...scalars: number[]) => void;

/** Operators that are one instruction in WebAssembly, with the same rounding and the same way with NaN. */
export type SimdOp = UpdateOp | "Max" | "Min";

/** What `compileProgram` reads of an update's program; any elementwise arithmetic has as much. */
export interface ElementwiseProgram {
  readonly inputs: { readonly length: number };
  readonly scalars: { readonly length: number };
  readonly steps: readonly { readonly op: SimdOp; readonly operands: readonly Operand[] }[];
  readonly results: readonly Operand[];
}

const SIMD: Readonly<Record<SimdOp, number>> = {
  Abs: 0xe0,
  Neg: 0xe1,
  Sqrt: 0xe3,
  Add: 0xe4,
  Sub: 0xe5,
  Mul: 0xe6,
  Div: 0xe7,
  Min: 0xe8,
  Max: 0xe9,
};
const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;

/** A program that is ready to run. */
export interface CompiledProgram {
  readonly memory: WasmMemory;
  readonly kernel: PieceKernel;
}

/**
 * A program as WebAssembly with four-lane arithmetic.
 *
 * @param known Equal programs share one kernel: an optimizer's are alike but for their tensors.
 */
export function compileProgram(
  program: ElementwiseProgram,
  known: Map<string, CompiledProgram>,
): CompiledProgram {
  const { inputs, scalars, steps, results } = program;
  // JSON has neither infinities nor -0.
  const key = JSON.stringify([inputs.length, scalars.length, steps, results], (_, value) =>
    Object.is(value, -0) ? "-0" : typeof value === "number" ? String(value) : value,
  );
  let compiled = known.get(key);
  if (!compiled) {
    const { Instance, Memory, Module } = webAssembly();
    const pages = Math.ceil(((inputs.length + results.length) * PIECE_BYTES) / 65_536);
    const memory = new Memory({ initial: pages, maximum: pages });
    const bytes = moduleBytes(inputs.length, scalars.length, steps, results);
    const { exports } = new Instance(new Module(bytes), { m: { m: memory } });
    compiled = { memory, kernel: exports.k as PieceKernel };
    known.set(key, compiled);
  }
  return compiled;
}

/** See https://webassembly.github.io/spec/core/binary/ for the numbers. */
function moduleBytes(
  inputs: number,
  scalars: number,
  steps: ElementwiseProgram["steps"],
  results: readonly Operand[],
): Uint8Array<ArrayBuffer> {
  const end = 0;
  const offset = 1 + scalars;
  const splat = offset + 1; // one v128 per scalar, per input, per step
  const input = splat + scalars;
  const step = input + inputs;
  const get = (local: number) => [0x20, ...leb(local)];
  const set = (local: number) => [0x21, ...leb(local)];
  const operand = (of: Operand): number[] => {
    if (of.kind === "constant") return [0x43, ...floatBytes(of.number), 0xfd, 0x13];
    return get({ scalar: splat, input, step }[of.kind] + of.index);
  };
  const memory = (place: number) => [2, ...leb(place * PIECE_BYTES)];
  const range = (count: number) => Array.from({ length: count }, (_, i) => i);

  const body = [
    ...range(scalars).flatMap((i) => [...get(1 + i), 0xfd, 0x13, ...set(splat + i)]),
    ...[0x03, 0x40], // loop
    ...range(inputs).flatMap((i) => [...get(offset), 0xfd, 0x00, ...memory(i), ...set(input + i)]),
    ...steps.flatMap(({ op, operands }, i) => [
      ...operands.flatMap(operand),
      ...[0xfd, SIMD[op], 0x01],
      ...set(step + i),
    ]),
    ...results.flatMap((result, i) => [
      ...get(offset),
      ...operand(result),
      ...[0xfd, 0x0b],
      ...memory(inputs + i),
    ]),
    ...[...get(offset), 0x41, 16, 0x6a, 0x22, ...leb(offset)], // offset += 16
    ...[...get(end), 0x49, 0x0d, 0x00, 0x0b], // while offset < end
    0x0b,
  ];
  const locals = [2, 1, I32, ...leb(scalars + inputs + steps.length), V128];
  const code = [...locals, ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, ...leb(1 + scalars), I32, ...range(scalars).map(() => F32), 0]),
    ...section(2, [1, ...text("m"), ...text("m"), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text("k"), 0x00, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}

function floatBytes(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

/** An unsigned integer, seven bits a byte. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}
