import { expect, test } from "vitest";
import { failure } from "../../test/failure";
import { regexExtract } from "./regexExtract";

const scores = regexExtract({ name: "test.score.v1", pattern: /\b(\d+-\d+)\b/ });

test("the n-th match of a pattern in the text", () => {
  const text = "They won 24-21, after 3-0 at halftime.";
  expect(scores.run({ text, match: 0 })).toEqual({ kind: "ok", text: "24-21", values: ["24-21"] });
  expect(scores.run({ text, match: 1 })).toMatchObject({ text: "3-0" });
  expect(scores.run({ text, match: 2 })).toEqual({ kind: "undefined", reason: "no such match" });
  const whole = regexExtract({ name: "test.word.v1", pattern: /h\w+/gi, field: "question" });
  expect(whole.run({ text: "How high?", match: 1 })).toMatchObject({ text: "high" });
});

test("a pattern that is none is refused", () => {
  expect(() => regexExtract({ name: "test.x.v1", pattern: "a+" as never })).toThrow(
    failure("E_USAGE", '"a+"'),
  );
});
