// What Python's float() takes for white space; str.split() also takes the four separators below the blank.
const SPACES = String.raw`\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
const OUTER_SPACE = new RegExp(`^[${SPACES}]+|[${SPACES}]+$`, "g");
const INNER_SPACE = new RegExp(String.raw`[${SPACES}\x1c-\x1f]+`);

const DIGITS = "[0-9](?:_?[0-9])*";
const FLOAT = new RegExp(
  `^[+-]?(?:(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:e[+-]?${DIGITS})?|inf(?:inity)?|nan)$`,
  "i",
);

/** Python's `str.split()`: the pieces between runs of white space. */
export function pythonSplit(text: string): string[] {
  return text.split(INNER_SPACE).filter((piece) => piece !== "");
}

/**
 * Python's `float(text)`, or `undefined` where that raises `ValueError`. Accepts white space around, digits of any
 * script, underscores between digits, "inf" and "nan".
 */
export function pythonFloat(text: string): number | undefined {
  const ascii = text.replace(OUTER_SPACE, "").replace(/\p{Nd}/gu, decimalDigit);
  if (!FLOAT.test(ascii)) return undefined;
  const lower = ascii.toLowerCase();
  if (lower.includes("nan")) return Number.NaN;
  if (lower.includes("inf")) return lower.startsWith("-") ? -Infinity : Infinity;
  return Number(lower.replaceAll("_", ""));
}

/** Unicode has its decimal digits in runs of ten, each of which begins at zero, one after the other. */
function decimalDigit(digit: string): string {
  const codePoint = digit.codePointAt(0)!;
  if (codePoint < 128) return digit;
  let start = codePoint;
  while (codePoint - start < 100 && /^\p{Nd}$/u.test(String.fromCodePoint(start - 1))) start--;
  return String((codePoint - start) % 10);
}

/** Python's `str(number)` of a float: shortest digits, exponents from 1e16 up and below 1e-4, always a point or exponent. */
export function pythonFloatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, exponentText] = Math.abs(value).toExponential().split("e") as [string, string];
  const exponent = Number(exponentText);
  const sign = value < 0 ? "-" : "";
  const digits = mantissa.replace(".", "");
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
