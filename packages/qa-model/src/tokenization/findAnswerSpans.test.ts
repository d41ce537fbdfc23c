import fc from "fast-check";
import { expect, test } from "vitest";
import { DigitTokenizer } from "./digitTokenizer";
import { findAnswerSpans } from "./findAnswerSpans";

const tokenizer = DigitTokenizer.synthetic();
const find = (text: string, answer: string) => {
  const { ids, offsets } = tokenizer.tokenize(text);
  return findAnswerSpans(
    ids,
    tokenizer.encode(answer),
    (id) => tokenizer.isContinuation(id),
    tokenizer.decimalPoint,
  ).map(([start, end]) => text.slice(offsets[2 * start], offsets[2 * end + 1]));
};

test.each([
  ["9 91 19 9.", "9", ["9", "9"]],
  ["3,591,641 and 3591641", "3591641", ["3,591,641", "3591641"]],
  ["49 = 72 - 23, -49 = 23 - 72", "49", ["49", "49"]], // right after a minus counts
  ["49 = 72 - 23, -49 = 23 - 72", "-49", ["-49"]],
  ["3.5 5 3 0.35 3.", "3", ["3", "3"]],
  ["3.5 5 3 0.35 5.", "5", ["5", "5"]],
  ["3.5 3.55 13.5", "3.5", ["3.5"]],
  ["Anna has anna", "Anna", ["Anna", "anna"]],
  ["Anna", "", []],
  ["", "Anna", []],
  ["1 1 1", "1 1", ["1 1", "1 1"]],
])("in %j, %j is found as %j", (text, answer, spans) => {
  expect(find(text, answer)).toEqual(spans);
});

test("equals a search over whole words", () => {
  // Two tokens begin words, 2 and 3 continue them.
  const ids = fc.array(fc.nat({ max: 3 }), { maxLength: 12 });
  const continues = (id: number) => id >= 2;
  fc.assert(
    fc.property(ids, fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }), (text, answer) => {
      const expected: [number, number][] = [];
      for (let start = 0; start < text.length; start++) {
        const end = start + answer.length - 1;
        const whole = !continues(text[start]!) && !(end + 1 < text.length && continues(text[end + 1]!));
        if (whole && text.slice(start, end + 1).join() === answer.join()) expected.push([start, end]);
      }
      expect(findAnswerSpans(text, answer, continues)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
