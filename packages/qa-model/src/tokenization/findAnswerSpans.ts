/**
 * Finds where a text's tokens equal an answer's, at the borders of whole words and numbers only: "9" is not found at
 * the head of "91" (`9 ##1`), nor "5" in "3.5".
 *
 * @param isContinuation Whether a token continues the word or number before it.
 * @param decimalPoint The id of ".", so that "3" is not found at the head of "3.5" (`3 . ##5`).
 * @returns First and last token of each span, in order; spans may overlap. None for an empty answer.
 */
export function findAnswerSpans(
  ids: ArrayLike<number>,
  answerIds: ArrayLike<number>,
  isContinuation: (id: number) => boolean,
  decimalPoint?: number,
): [start: number, end: number][] {
  const spans: [number, number][] = [];
  const length = answerIds.length;
  if (length === 0 || isContinuation(answerIds[0]!)) return spans;
  for (let start = 0; start + length <= ids.length; start++) {
    let same = 0;
    while (same < length && ids[start + same] === answerIds[same]) same++;
    if (same < length) continue;
    const next = start + length;
    if (next < ids.length && isContinuation(ids[next]!)) continue;
    if (next + 1 < ids.length && ids[next] === decimalPoint && isContinuation(ids[next + 1]!)) continue;
    spans.push([start, next - 1]);
  }
  return spans;
}
