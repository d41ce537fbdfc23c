import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key } from "@symgrad/core";
import { afterAll, expect, it } from "vitest";
import { textLines } from "../corpus/textLines";
import { trainWord2Vec } from "./trainWord2Vec";
import { loadWord2VecModel, saveWord2VecModel } from "./word2VecModelFile";

const folder = mkdtempSync(join(tmpdir(), "symgrad-word2vec-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("a saved model comes back whole", async () => {
  const model = await trainWord2Vec(textLines(["a b c", "b c d", "é a"]), {
    ...{ minCount: 1, dimension: 3, epochs: 2, hierarchicalSoftmax: true, lineEnd: true, key: key(5) },
  });
  const path = join(folder, "model");
  await saveWord2VecModel(model, path);
  const loaded = await loadWord2VecModel(path);
  expect(loaded.vectors.words).toEqual(["</s>", "a", "b", "c", "d", "é"]);
  expect(loaded.vectors.values).toEqual(model.vectors.values);
  expect(loaded.output).toEqual(model.output);
  expect(loaded.nodes).toEqual(model.nodes);
  expect(loaded.vocabulary).toEqual(model.vocabulary);
  expect(loaded.progress).toEqual(model.progress);
  expect({ ...loaded.options, key: undefined }).toEqual({ ...model.options, key: undefined });
  expect(loaded.options.key.toString()).toBe(key(5).toString());
});

it("another file is refused", async () => {
  const path = join(folder, "other");
  writeFileSync(path, "hello");
  await expect(loadWord2VecModel(path)).rejects.toThrow(/E_FORMAT/);
});
