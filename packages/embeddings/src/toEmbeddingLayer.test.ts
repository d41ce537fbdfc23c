import { AdamW, initBackend, key, Linear, valueAndGradients } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { toEmbeddingLayer } from "./toEmbeddingLayer";
import { WordVectors } from "./wordVectors";

beforeAll(() => initBackend({ backend: "cpu" }));

const vectors = new WordVectors({
  words: ["red", "green", "one", "two"],
  dimension: 2,
  values: Float32Array.of(1, 0.1, 0.9, 0, 0, 1, 0.1, 0.8),
});

test("rows are the tokens' vectors; tokens without one are drawn, as wide as the others", () => {
  const layer = toEmbeddingLayer(vectors);
  expect(layer.weight.dataSync()).toEqual(vectors.values);
  vectors.values[0] = 2;
  expect(layer.weight.dataSync()[0]).toBe(1);
  vectors.values[0] = 1;
  const tokens = ["[CLS]", "two", "red", ...Array.from({ length: 400 }, (_, i) => `t${i}`)];
  const wide = toEmbeddingLayer(vectors, { tokens, key: key(1) }).weight.dataSync() as Float32Array;
  expect(wide.subarray(2, 6)).toEqual(
    Float32Array.of(vectors.values[6]!, vectors.values[7]!, 1, vectors.values[1]!),
  );
  const drawn = wide.subarray(6);
  const squares = (all: Float32Array) => all.reduce((sum, value) => sum + value * value, 0) / all.length;
  expect(Math.sqrt(squares(drawn) / squares(vectors.values))).toBeCloseTo(1, 1);
  expect(() => toEmbeddingLayer(vectors, { tokens })).toThrow(/E_RANGE .*"\[CLS\]" has no vector[\s\S]*key/);
});

test("a classifier on trained vectors learns from two words what the others are", () => {
  const layer = toEmbeddingLayer(vectors);
  const output = new Linear({ inputs: 2, outputs: 1, key: key(0) });
  const parameters = new Map([["table", layer.weight], ...output.parameters()]);
  const optimizer = new AdamW({ parameters, weightDecay: 0 });
  const logits = (words: string[]) =>
    output
      .apply(
        layer.apply(
          tf.tensor1d(
            words.map((word) => vectors.row(word)!),
            "int32",
          ),
        ),
      )
      .reshape([-1]);
  const loss = () => tf.losses.sigmoidCrossEntropy(tf.tensor1d([1, 0]), logits(["red", "one"])) as tf.Scalar;
  const first = layer.weight.dataSync().slice();
  for (let step = 0; step < 100; step++) {
    tf.tidy(() => optimizer.apply(valueAndGradients(loss, parameters).gradients, tf.scalar(0.05)));
  }
  const [green, two] = logits(["green", "two"]).dataSync();
  expect(green).toBeGreaterThan(0);
  expect(two).toBeLessThan(0);
  const last = layer.weight.dataSync();
  const moved = [0, 1, 2, 3].map((row) => last[2 * row] !== first[2 * row]);
  expect(moved).toEqual([true, false, true, false]); // the rows of the words it saw
});
