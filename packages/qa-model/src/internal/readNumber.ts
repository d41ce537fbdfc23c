/**
 * A text as a canonical decimal, if it is one number: optional sign, digits with or without thousands commas, optional
 * fraction. "5,903,204" is "5903204", "+3.50" is "3.5", "-0" is "0".
 */
export function readNumber(text: string): string | undefined {
  const match = /^([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const whole = match[2]!.replaceAll(",", "").replace(/^0+(?=\d)/, "");
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  const size = fraction === "" ? whole : `${whole}.${fraction}`;
  return match[1] === "-" && size !== "0" ? `-${size}` : size;
}
