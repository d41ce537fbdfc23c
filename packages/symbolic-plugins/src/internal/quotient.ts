import type { Decimal } from "decimal.js";

/**
 * x / y in whole-number arithmetic, rounded half to even.
 *
 * @param y Not 0.
 * @param places Digits behind the point.
 * @returns The quotient without trailing zeros, and whether nothing was cut off.
 */
export function quotient(x: Decimal, y: Decimal, places: number): { value: string; exact: boolean } {
  const [top, bottom] = [scaled(x), scaled(y)];
  const numerator = top.digits * 10n ** BigInt(places + bottom.places);
  const denominator = bottom.digits * 10n ** BigInt(top.places);
  let whole = numerator / denominator;
  const rest = magnitude(numerator % denominator);
  const half = 2n * rest - magnitude(denominator);
  if (half > 0n || (half === 0n && whole % 2n !== 0n))
    whole += numerator < 0n === denominator < 0n ? 1n : -1n;
  return { value: withPoint(whole, places), exact: rest === 0n };
}

function scaled(number: Decimal): { digits: bigint; places: number } {
  return { digits: BigInt(number.toFixed().replace(".", "")), places: number.decimalPlaces() };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function withPoint(digits: bigint, places: number): string {
  const padded = magnitude(digits)
    .toString()
    .padStart(places + 1, "0");
  const point = padded.length - places;
  const fraction = padded.slice(point).replace(/0+$/, "");
  return `${digits < 0n ? "-" : ""}${padded.slice(0, point)}${fraction && `.${fraction}`}`;
}
