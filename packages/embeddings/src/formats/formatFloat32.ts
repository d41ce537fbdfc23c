const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
const LEAST = 1e-6; // from here up to MOST numbers are written without an exponent
const MOST = 1e7;

/** The most bytes {@link formatFloat32} writes. */
export const LONGEST_FLOAT32 = 17;

/**
 * Writes a finite float32 as ASCII into `bytes` from `at` on, with as few digits, from 7 to 9 and less trailing zeros,
 * as give the same float32 when they are read back.
 *
 * @returns The place behind its last byte.
 */
export function formatFloat32(value: number, bytes: Uint8Array, at: number): number {
  if (value < 0 || Object.is(value, -0)) bytes[at++] = 0x2d;
  const size = Math.abs(value);
  if (size === 0) {
    bytes[at++] = 0x30;
    return at;
  }
  if (size < LEAST || size >= MOST) return writeText(scientific(size), bytes, at);
  let exponent = size < 1 ? -1 : 6;
  while (size < (exponent < 0 ? 1 / powersOfTen[-exponent]! : powersOfTen[exponent]!)) exponent--;
  let decimals = 6 - exponent;
  let digits = Math.round(size * powersOfTen[decimals]!);
  while (Math.fround(digits / powersOfTen[decimals]!) !== size) {
    decimals++;
    digits = Math.round(size * powersOfTen[decimals]!);
  }
  while (decimals > 0 && digits % 10 === 0) {
    digits /= 10;
    decimals--;
  }
  return writeFixed(digits, decimals, bytes, at);
}

/** digits / 10^decimals, at least one digit before the point. */
function writeFixed(digits: number, decimals: number, bytes: Uint8Array, at: number): number {
  let length = 1;
  while (length < 10 && digits >= powersOfTen[length]!) length++;
  const width = Math.max(length, decimals + 1) + (decimals > 0 ? 1 : 0);
  const end = at + width;
  let rest = digits | 0;
  for (let place = end - 1, written = 0; place >= at; place--) {
    if (written === decimals && decimals > 0) {
      bytes[place] = 0x2e;
      written++;
      continue;
    }
    const next = (rest / 10) | 0;
    bytes[place] = 0x30 + rest - next * 10;
    rest = next;
    written++;
  }
  return end;
}

function scientific(size: number): string {
  let text = "";
  for (let precision = 7; precision <= 9 && Math.fround(Number(text)) !== size; precision++) {
    text = size.toExponential(precision - 1);
  }
  return text.replace(/\.?0*e/, "e");
}

function writeText(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}
