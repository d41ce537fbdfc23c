/** Lower-cased words to the first row, that of the most frequent form, that they stand for. */
export function foldCase(words: readonly string[]): Map<string, number> {
  const rows = new Map<string, number>();
  for (const [row, word] of words.entries()) {
    const folded = word.toLowerCase();
    if (!rows.has(folded)) rows.set(folded, row);
  }
  return rows;
}
