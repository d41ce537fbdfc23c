import { SymgradError } from "../errors";

/** A numeric array as TensorFlow.js keeps it. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** Type names of the safetensors format that can be read. */
export type SafetensorsDtype = keyof typeof DTYPES;

/** A tensor outside TensorFlow.js: as read from a file, or to be written to one. */
export interface StoredTensor {
  /** The type in the file. */
  dtype: SafetensorsDtype;
  shape: number[];
  /**
   * Row-major values. F16, BF16 and F64 arrive as float32 (F64 rounded to nearest); I8 to U64 as int32; U8 and BOOL as
   * bytes. A value beyond the range of its type here is an error: nothing wraps or becomes infinite.
   */
  data: TensorData;
}

interface DtypeRule {
  bytes: number;
  kind: "float32" | "int32" | "bool";
  decode(bytes: ArrayBuffer): TensorData;
}

/**
 * One row per type, in the order in which the reference implementation lays tensors out (its enum, ascending alignment);
 * a file holds the last type first.
 */
export const DTYPES = {
  BOOL: { bytes: 1, kind: "bool", decode: (bytes) => new Uint8Array(bytes) },
  U8: { bytes: 1, kind: "bool", decode: (bytes) => new Uint8Array(bytes) },
  I8: { bytes: 1, kind: "int32", decode: (bytes) => Int32Array.from(new Int8Array(bytes)) },
  I16: { bytes: 2, kind: "int32", decode: (bytes) => Int32Array.from(new Int16Array(bytes)) },
  U16: { bytes: 2, kind: "int32", decode: (bytes) => Int32Array.from(new Uint16Array(bytes)) },
  F16: {
    bytes: 2,
    kind: "float32",
    decode: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToNumber),
  },
  BF16: { bytes: 2, kind: "float32", decode: bfloatToFloat },
  I32: { bytes: 4, kind: "int32", decode: (bytes) => new Int32Array(bytes) },
  U32: { bytes: 4, kind: "int32", decode: (bytes) => narrow(new Uint32Array(bytes)) },
  F32: { bytes: 4, kind: "float32", decode: (bytes) => new Float32Array(bytes) },
  F64: { bytes: 8, kind: "float32", decode: round },
  I64: { bytes: 8, kind: "int32", decode: (bytes) => narrow(new BigInt64Array(bytes)) },
  U64: { bytes: 8, kind: "int32", decode: (bytes) => narrow(new BigUint64Array(bytes)) },
} satisfies Record<string, DtypeRule>;

/** Place of each type in a file: higher first. */
export const DTYPE_ORDER: readonly string[] = Object.keys(DTYPES);

export function isKnownDtype(name: unknown): name is SafetensorsDtype {
  return typeof name === "string" && Object.hasOwn(DTYPES, name);
}

/** IEEE 754 binary16 to a number: 1 sign, 5 exponent and 10 fraction bits. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function bfloatToFloat(bytes: ArrayBuffer): Float32Array {
  const halves = new Uint16Array(bytes);
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i]! << 16) >>> 0;
  return new Float32Array(words.buffer);
}

function round(bytes: ArrayBuffer): Float32Array {
  return Float32Array.from(new Float64Array(bytes), (value, i) => {
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
      throw new SymgradError("E_FORMAT", `the value ${value} at index ${i} is beyond the range of float32.`);
    }
    return value;
  });
}

function narrow(values: Uint32Array | BigInt64Array | BigUint64Array): Int32Array {
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value > 0x7fffffff || value < -0x80000000) {
      throw new SymgradError("E_FORMAT", `the value ${values[i]} at index ${i} does not fit in int32.`);
    }
    result[i] = value;
  }
  return result;
}
