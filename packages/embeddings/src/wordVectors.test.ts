import { SymgradError } from "@symgrad/core";
import { describe, expect, it } from "vitest";
import { WordVectors } from "./wordVectors";

const colors = () =>
  new WordVectors({
    words: ["red", "green", "blue"],
    dimension: 2,
    values: Float32Array.of(1, 2, 3, 4, 5, 6),
  });

describe("WordVectors", () => {
  it("gives a word's row as a view of the table", () => {
    const vectors = colors();
    expect([...vectors.vector("green")]).toEqual([3, 4]);
    vectors.vector("green")[0] = 9;
    expect(vectors.values[2]).toBe(9);
    expect(vectors.size).toBe(3);
    expect(vectors.row("blue")).toBe(2);
    expect(vectors.row("pink")).toBeUndefined();
    expect(vectors.has("red")).toBe(true);
  });

  it("names words spelled nearly alike when asked for an unknown one", () => {
    expect(() => colors().vector("gren")).toThrow(SymgradError);
    expect(() => colors().vector("gren")).toThrow(/"gren" is not among the 3 words/);
    expect(() => colors().vector("gren")).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("green") }),
    );
  });

  it("refuses a table of another size, a word that stands twice and a dimension of 0", () => {
    const values = new Float32Array(4);
    expect(() => new WordVectors({ words: ["a"], dimension: 3, values })).toThrow(
      /holds 4 numbers, wanted 1 words x 3/,
    );
    expect(() => new WordVectors({ words: ["a", "a"], dimension: 2, values })).toThrow(
      /stands twice, in rows 0 and 1/,
    );
    expect(() => new WordVectors({ words: [], dimension: 0, values: new Float32Array(0) })).toThrow(
      /dimension is 0/,
    );
  });
});
