import type { Corpus } from "./corpus";

/** A corpus of sentences in memory: each a text, or its words. */
export function textLines(lines: Iterable<string | readonly string[]>): Corpus {
  return {
    name: "lines in memory",
    async *open() {
      const encoder = new TextEncoder();
      let piece = "";
      for (const line of lines) {
        piece += `${typeof line === "string" ? line : line.join(" ")}\n`;
        if (piece.length > 1 << 16) {
          yield encoder.encode(piece);
          piece = "";
        }
      }
      yield encoder.encode(piece);
    },
  };
}
