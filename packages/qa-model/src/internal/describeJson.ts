/** A JSON value in a few words, for errors. */
export function describeJson(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  const short = text.length <= 40 ? text : `${text.slice(0, 37)}...`;
  if (Array.isArray(value)) return `the list ${short}`;
  return typeof value === "object" && value !== null ? `the object ${short}` : short;
}
