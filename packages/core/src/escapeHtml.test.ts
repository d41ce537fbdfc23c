import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml } from "./escapeHtml";

test("no character of the text can open a tag, an entity or the end of an attribute; read back it is the text", () => {
  const names: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };
  const character = fc.oneof(fc.constantFrom(..."<>&\"';a"), fc.string({ maxLength: 1 }));
  fc.assert(
    fc.property(fc.array(character), (characters) => {
      const text = characters.join("");
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"]|&(?!(amp|lt|gt|quot);)/);
      expect(escaped.replace(/&\w+;/g, (name) => names[name]!)).toBe(text);
    }),
  );
});
