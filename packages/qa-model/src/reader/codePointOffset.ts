/**
 * An offset in code points, as Python, SQuAD and other tools count characters, for one in UTF-16 units.
 *
 * @param offset UTF-16 units, from 0 to the text's length; within a surrogate pair it is the pair's own.
 * @example codePointOffset("🍇 12", 3); // 2
 */
export function codePointOffset(text: string, offset: number): number {
  let count = 0;
  for (let at = 0; at < offset; count++) {
    at += text.codePointAt(at)! > 0xffff ? 2 : 1;
    if (at > offset) break;
  }
  return count;
}
