import type { PreparedText } from "./readerFeatures";

/**
 * The tokens of a window that hold marked answers, as first and last index in its sequence: for each mark the tokens that
 * it touches, where all of them lie in the window.
 *
 * @param marks Start and end of each answer in the whole passage, in UTF-16 units.
 */
export function markedSpans(
  { features, passage: { offsets } }: Pick<PreparedText, "features" | "passage">,
  marks: readonly (readonly [start: number, end: number])[],
): [start: number, end: number][] {
  const count = offsets.length / 2;
  const from = offsets[0] ?? 0;
  const to = offsets[2 * count - 1] ?? 0;
  return marks.flatMap(([start, end]): [number, number][] => {
    if (start < from || end > to) return [];
    let first = 0;
    while (first < count && offsets[2 * first + 1]! <= start) first++;
    let last = first;
    while (last + 1 < count && offsets[2 * last + 2]! < end) last++;
    if (first === count || offsets[2 * first]! >= end) return [];
    return [[features.passageStart + first, features.passageStart + last]];
  });
}
