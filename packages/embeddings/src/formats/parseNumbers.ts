import { ascii } from "./ascii";

/** Ten to these powers is exact in double precision, and so a product or quotient with it is rounded once. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MOST_DIGITS = 15; // whole numbers of so many digits are exact in double precision

/** Where {@link parseNumbers} stopped early. */
export interface BadNumber {
  text: string;
}

/**
 * Parses numbers separated by spaces or tabs, in bytes `start` to `end`, into `values` from `offset` on: each is the
 * double nearest to its text, rounded to float32.
 *
 * @param most How many are stored; more are counted.
 * @returns How many numbers there are, or the first field that is not a finite float32.
 */
export function parseNumbers(
  bytes: Uint8Array,
  start: number,
  end: number,
  values: Float32Array,
  offset: number,
  most: number,
): number | BadNumber {
  let count = 0;
  let at = start;
  while (true) {
    while (at < end && isBlank(bytes[at]!)) at++;
    if (at === end) return count;
    const field = at;
    const negative = bytes[at] === 0x2d;
    if (negative || bytes[at] === 0x2b) at++;
    let mantissa = 0;
    let digits = 0;
    let exponent = 0;
    const first = at;
    while (at < end && isDigit(bytes[at]!)) {
      mantissa = mantissa * 10 + (bytes[at]! - 0x30);
      if (mantissa > 0) digits++;
      at++;
    }
    let seen = at - first;
    if (at < end && bytes[at] === 0x2e) {
      const point = ++at;
      while (at < end && isDigit(bytes[at]!)) {
        mantissa = mantissa * 10 + (bytes[at]! - 0x30);
        if (mantissa > 0) digits++;
        at++;
      }
      exponent = point - at;
      seen += at - point;
    }
    let value: number;
    const plain = seen > 0 && digits <= MOST_DIGITS && exponent >= -22 && (at === end || isBlank(bytes[at]!));
    if (plain) {
      const size = mantissa / powersOfTen[-exponent]!;
      value = negative ? -size : size;
    } else {
      while (at < end && !isBlank(bytes[at]!)) at++;
      const text = ascii(bytes, field, at);
      value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isFinite(Math.fround(value))) return { text };
    }
    if (count < most) values[offset + count] = value;
    count++;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Space, tab, and the carriage return of a Windows line end. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d;
}
