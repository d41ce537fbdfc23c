const longest = 120;

/** A value as errors show it: JSON where there is one, cut to a readable length. */
export function show(value: unknown): string {
  const shown =
    value === undefined || typeof value === "function" || typeof value === "symbol"
      ? typeof value
      : typeof value === "number"
        ? String(value)
        : (attempt(() => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value))) ?? String(value));
  return shorten(shown);
}

export function shorten(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

function attempt(compute: () => string | undefined): string | undefined {
  try {
    return compute();
  } catch {
    return undefined; // a cycle
  }
}
