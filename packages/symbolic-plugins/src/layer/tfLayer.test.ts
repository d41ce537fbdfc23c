import { gumbelSoftmax, straightThroughGumbel } from "@symgrad/gumbel";
import { relativeError } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { digitVocabulary } from "../../test/digitVocabulary";
import { failure } from "../../test/failure";
import { listed } from "../../test/listed";
import { calculator } from "../builtin/calculator";
import { createRegistry } from "../registry";
import { registerTfLayer } from "./tfLayer";

beforeAll(async () => void (await tf.setBackend("cpu")));

const vocabulary = digitVocabulary();
const estimator = straightThroughGumbel({ temperature: 1 });
const registry = createRegistry([listed, calculator]);
const layer = registry.layer(listed.name, { estimator, vocabulary });
const example = { results: ["12", "7", "!none"] };

/** The saved model's artifacts, kept in memory. */
async function savedModel(model: tf.LayersModel): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = JSON.parse(JSON.stringify(given)) as tf.io.ModelArtifacts;
      artifacts.weightData = given.weightData!;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return artifacts!;
}

describe("toTfLayer with a fixed example", () => {
  test("gives F~ over the output vocabulary: without noise the most probable candidate that has a result", () => {
    const adapter = layer.toTfLayer({ example });
    const output = adapter.apply(
      tf.tensor2d([
        [1, 0, 9],
        [0, 1, 9],
      ]),
    ) as tf.Tensor3D;
    expect(output.shape).toEqual([2, 2, layer.outputVocabulary.length]);
    const tokens = (output.argMax(2).arraySync() as number[][]).map((row) =>
      row.map((id) => layer.outputVocabulary[id]!),
    );
    expect(tokens[0]).toEqual(vocabulary.encode("12"));
    expect(tokens[1]![0]).toBe(vocabulary.encode("7")[0]);
    expect(Array.from(output.sum(2).dataSync())).toEqual([1, 1, 1, 0]);
  });

  test("sequential, compile, fit: learns which candidate to ask for from the read result alone", async () => {
    const adapter = layer.toTfLayer({ example, seed: 5 });
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 3, inputShape: [2], kernelInitializer: "zeros" }),
        adapter,
        tf.layers.flatten(),
      ],
    });
    expect(model.outputShape).toEqual([null, 2 * layer.outputVocabulary.length]);
    model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
    const x = tf.tensor2d([
      [1, 0],
      [0, 1],
    ]);
    const y = tf.reshape(
      adapter.apply(
        tf.tensor2d([
          [0, 1, 0],
          [1, 0, 0],
        ]),
      ) as tf.Tensor,
      [2, -1],
    ); // "7", "12"
    await model.fit(x, y, { epochs: 120, verbose: 0 });
    expect(relativeError((model.predict(x) as tf.Tensor).dataSync(), y.dataSync())).toBe(0);
  });

  test("training draws anew at each call, the same for the same seed; inference never", () => {
    const scores = tf.zeros<tf.Rank.R2>([64, 3]);
    const drawn = (seed: number) => {
      const adapter = layer.toTfLayer({ example, seed });
      return [1, 2].map(() => (adapter.apply(scores, { training: true }) as tf.Tensor).dataSync());
    };
    const [first, again] = [drawn(1), drawn(1)];
    expect(first[0]).toEqual(again[0]);
    expect(first[1]).toEqual(again[1]);
    expect(first[0]).not.toEqual(first[1]);
    expect(drawn(2)[0]).not.toEqual(first[0]);
    const rows = tf.tidy(
      () => (layer.toTfLayer({ example }).apply(scores) as tf.Tensor).arraySync() as number[][][],
    );
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
  });
});

test("with a field: a second input lists each example's own numbers", async () => {
  const pairs = registry.layer(calculator.name, { estimator, vocabulary });
  const scores = tf.input({ shape: [3] });
  const numbers = tf.input({ shape: [3] });
  const output = pairs.toTfLayer({ field: "numbers" }).apply([scores, numbers]) as tf.SymbolicTensor;
  expect(output.shape).toEqual([null, calculator.maxLength, pairs.outputVocabulary.length]);
  const model = tf.model({ inputs: [scores, numbers], outputs: output });
  const s = tf.tensor2d([
    [0, 0, 1],
    [1, 0, 0],
  ]);
  const n = [
    [3, 5, 8],
    [72, 23, 1],
  ];
  const given = model.predict([s, tf.tensor2d(n)]) as tf.Tensor;
  const prepared = pairs.prepareSync(pairs.candidates(n.map((row) => ({ numbers: row }))), {
    padLength: 128,
  });
  expect(given.dataSync()).toEqual(pairs.apply(s, prepared).tokens.output().dataSync());
  expect(prepared.result(1, 0)).toMatchObject({ text: "95 = 72 + 23, 49 = 72 - 23, -49 = 23 - 72" });
  expect(() => pairs.toTfLayer({ field: "numbers" }).apply(s)).toThrow(
    failure("E_SHAPE", "second input", "`numbers`"),
  );
});

describe("saved and loaded", () => {
  const build = () => {
    const dense = tf.layers.dense({
      units: 3,
      inputShape: [2],
      kernelInitializer: tf.initializers.randomNormal({ seed: 4 }),
    });
    return tf.sequential({ layers: [dense, layer.toTfLayer({ example, seed: 9, name: "function" })] });
  };

  test("a model finds its function by name and version, and computes the same", async () => {
    const model = build();
    const artifacts = await savedModel(model);
    expect(JSON.stringify(artifacts.modelTopology)).toContain("test.listed.v1");
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const x = tf.randomNormal([5, 2], 0, 1, "float32", 1);
    expect((loaded.predict(x) as tf.Tensor).dataSync()).toEqual((model.predict(x) as tf.Tensor).dataSync());
    const config = loaded.getLayer("function").getConfig();
    expect(config).toMatchObject({ function: listed.name, estimator: estimator.name, example, seed: 9 });
  });

  test("another function or estimator than the saved one is refused by name", async () => {
    const artifacts = await savedModel(build());
    const renamed = JSON.parse(JSON.stringify(artifacts).replaceAll("test.listed.v1", "test.listed.v2"));
    await expect(
      tf.loadLayersModel(tf.io.fromMemory({ ...artifacts, modelTopology: renamed.modelTopology })),
    ).rejects.toThrow(failure("E_NAME", "test.listed.v2", "registerTfLayer"));
    registerTfLayer(
      registry.layer(listed.name, { estimator: gumbelSoftmax({ temperature: 1 }), vocabulary }),
    );
    await expect(tf.loadLayersModel(tf.io.fromMemory(artifacts))).rejects.toThrow(
      failure("E_USAGE", "straight-through-gumbel", "gumbel-softmax"),
    );
    registerTfLayer(layer);
    await expect(tf.loadLayersModel(tf.io.fromMemory(artifacts))).resolves.toBeDefined();
  });
});

test("needs one of example and field", () => {
  expect(() => layer.toTfLayer({})).toThrow(failure("E_USAGE", "either"));
  expect(() => layer.toTfLayer({ example, field: "results" })).toThrow(failure("E_USAGE", "either"));
});

test("leaves no tensor behind but its output", () => {
  const adapter = layer.toTfLayer({ example });
  const scores = tf.zeros([2, 3]);
  adapter.apply(scores);
  const before = tf.memory().numTensors;
  (adapter.apply(scores, { training: true }) as tf.Tensor).dispose();
  expect(tf.memory().numTensors).toBe(before);
});
