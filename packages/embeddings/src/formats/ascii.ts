/** Characters that one call makes a string of. */
const MOST = 1 << 13;

/** Bytes `start` to `end` as characters of the same numbers: what ASCII text says. Quicker than a decoder for short text. */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += MOST) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + MOST, end)) as never);
  }
  return text;
}
