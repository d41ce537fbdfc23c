import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadWordVectors } from "../formats/loadWordVectors";
import { WordVectors } from "../wordVectors";
import { wordClasses } from "./wordClasses";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/word2vec/${name}`, import.meta.url));

test("the classes that word2vec.c writes for the same vectors", async () => {
  const vectors = await loadWordVectors(fixture("word2vec-cbow0.bin"));
  const classOf = wordClasses(vectors, { classes: 4 });
  const lines = vectors.words.map((word, row) => `${word} ${classOf[row]}\n`);
  expect(lines.join("")).toBe(readFileSync(fixture("classes.txt"), "utf8"));
});

test("words of one direction share a class, whatever their lengths; classes may stay empty", () => {
  const words = Array.from({ length: 30 }, (_, i) => `w${i}`);
  // Three directions, drawn so that each starting class holds mostly its own.
  const directionOf = (i: number) => (i % 10 === 0 ? i + 1 : i) % 3;
  const values = Float32Array.from(
    words.flatMap((_, i) => [0, 1, 2].map((d) => Number(d === directionOf(i)) * (1 + i))),
  );
  const vectors = new WordVectors({ words, dimension: 3, values });
  const classOf = wordClasses(vectors, { classes: 3 });
  for (const i of words.keys()) expect(classOf[i]).toBe(directionOf(i));
  const many = wordClasses(vectors, { classes: 30 });
  expect(new Set(many).size).toBe(3);
  expect(many[1]).toBe(many[4]);
});

test("of classes that are equally near a word takes the first", () => {
  const words = ["a", "b", "c", "d"];
  const vectors = new WordVectors({ words, dimension: 1, values: Float32Array.of(1, 1, 2, 2) });
  expect([...wordClasses(vectors, { classes: 2 })]).toEqual([0, 0, 0, 0]);
});

test("refuses numbers that make no sense", () => {
  const vectors = new WordVectors({ words: ["a", "b"], dimension: 1, values: Float32Array.of(1, 2) });
  for (const classes of [0, 3, 1.5]) {
    expect(() => wordClasses(vectors, { classes })).toThrow(/E_RANGE classes is .* from 1 to 2/);
  }
  expect(() => wordClasses(vectors, { classes: 2, iterations: 0 })).toThrow(/iterations is 0/);
});
