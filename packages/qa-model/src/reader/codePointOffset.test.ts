import fc from "fast-check";
import { expect, test } from "vitest";
import { codePointOffset } from "./codePointOffset";

test("counts the code points in front of an offset", () => {
  const character = fc.constantFrom("a", "é", "ל", "漢", "🍇", "👩🏽", " ");
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join("");
      const points = [...text];
      let at = 0;
      for (const [i, point] of points.entries()) {
        expect(codePointOffset(text, at)).toBe(i);
        if (point.length === 2) expect(codePointOffset(text, at + 1)).toBe(i);
        at += point.length;
      }
      expect(codePointOffset(text, at)).toBe(points.length);
    }),
  );
});
