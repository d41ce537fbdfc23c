import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { key, loadParameters, readSafetensors } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readEncoderConfig } from "../src/checkpoint/encoderConfig";
import { buildVocabulary, createPretrainedReader, DigitTokenizer, pretrainEncoder } from "../src/index";
import { maskTokens } from "../src/pretraining/maskTokens";
import { pretrainingParameters } from "../src/pretraining/pretrainingFiles";
import { PretrainingModel } from "../src/pretraining/pretrainingModel";
import { splitDocuments } from "../src/pretraining/readDocuments";
import { createSentencePairs } from "../src/pretraining/sentencePairs";
import { createReaderConfig } from "../src/reader/readerConfig";

let folder: string;
beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "symgrad-pretraining-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the losses are those of the reference library", async () => {
  // fixtures/bert-pretraining/make.py
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../../../fixtures/bert-pretraining/${name}`, import.meta.url));
  const golden = JSON.parse(await readFile(fixture("golden.json"), "utf8"));
  const json = JSON.parse(await readFile(fixture("config.json"), "utf8"));
  const config = createReaderConfig(readEncoderConfig(json, "config.json"));
  const model = new PretrainingModel(config, { key: key(0), nextSentence: true });
  const { tensors } = await readSafetensors(fixture("model.safetensors"));
  loadParameters(pretrainingParameters(model, config), tensors, { where: "model.safetensors" });
  const whole = (name: string) => tf.tensor(golden[name], undefined, "int32") as tf.Tensor2D;
  const loss = model.loss({
    ids: whole("ids"),
    mask: tf.tensor2d(golden.mask),
    segments: whole("segments"),
    places: whole("places"),
    hidden: whole("hidden"),
    counts: tf.ones([3, 3]),
    apart: whole("apart") as tf.Tensor as tf.Tensor1D,
  });
  for (const [name, value] of Object.entries(loss)) {
    expect(value.dataSync()[0], name).toBeCloseTo(golden[name], 5);
  }
  model.dispose();
});

test("documents are parted by blank lines, sentences by line ends and stops", () => {
  const text = 'One, e.g. this. "Two!" Three? 4 of them.\nfive\n \n\nSix.\r\n\r\n\n  Seven\n';
  expect(splitDocuments(text)).toEqual([
    ["One, e.g. this.", '"Two!"', "Three?", "4 of them.", "five"],
    ["Six."],
    ["Seven"],
  ]);
});

describe("hiding tokens", () => {
  // Ids from 10 continue a word; 0 and 1 are [CLS] and [SEP], 2 is [MASK].
  const options = {
    maskable: (id: number) => id > 1,
    continues: (id: number) => id >= 10,
    mask: 2,
    others: [3, 4, 5],
  };
  const text = fc.array(fc.integer({ min: 3, max: 19 }), { minLength: 1, maxLength: 60 });

  test("a share of the tokens, never a special one; what stood there is known", () => {
    fc.assert(
      fc.property(text, fc.nat(), fc.boolean(), (words, seed, wholeWords) => {
        const ids = Int32Array.from([0, ...words, 1]);
        const masked = maskTokens(ids, key(seed), { ...options, share: 0.2, wholeWords });
        const { places, hidden } = masked;
        const wanted = Math.max(1, Math.round(0.2 * words.length));
        expect(places.length).toBeLessThanOrEqual(wanted);
        expect(places.length).toBeGreaterThanOrEqual(wholeWords ? 1 : wanted);
        expect([...places]).toEqual([...new Set(places)].sort((a, b) => a - b));
        const back = masked.ids.slice();
        for (const [i, place] of places.entries()) back[place] = hidden[i]!;
        expect(back).toEqual(ids);
        expect(places.every((place) => place > 0 && place < ids.length - 1)).toBe(true);
      }),
    );
  });

  test("whole words: all tokens of a word or none, unless one word is more than the share", () => {
    fc.assert(
      fc.property(text, fc.nat(), (words, seed) => {
        const ids = Int32Array.from([0, ...words, 1]);
        const { places } = maskTokens(ids, key(seed), { ...options, share: 0.3, wholeWords: true });
        const isHidden = (at: number) => places.includes(at);
        const cut = [...ids.keys()].filter(
          (at) => at > 1 && ids[at]! >= 10 && isHidden(at) !== isHidden(at - 1),
        );
        const longest = Math.max(...[...words.keys()].map((at) => wordLength(words, at)));
        fc.pre(longest <= Math.round(0.3 * words.length));
        expect(cut).toEqual([]);
      }),
    );
  });

  test("80 of 100 read [MASK], 10 another token, 10 stay; another key hides others", () => {
    const ids = new Int32Array(10_000).fill(6);
    const { ids: masked, places } = maskTokens(ids, key(1), { ...options, share: 0.5, wholeWords: false });
    const share = (holds: (id: number) => boolean) =>
      [...places].filter((place) => holds(masked[place]!)).length / places.length;
    // Five standard deviations of a share of 5,000.
    expect(Math.abs(share((id) => id === 2) - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(share((id) => id === 6) - 0.1)).toBeLessThan(0.022);
    expect(Math.abs(share((id) => [3, 4, 5].includes(id)) - 0.1)).toBeLessThan(0.022);
    const other = maskTokens(ids, key(2), { ...options, share: 0.5, wholeWords: false });
    expect(other.places).not.toEqual(places);
  });

  function wordLength(words: readonly number[], at: number): number {
    let end = at + 1;
    while (end < words.length && words[end]! >= 10) end++;
    return end - at;
  }
});

test("pairs: the second part goes on where the first ends, or comes from another document; both fit", () => {
  // Token = 100 * document + its place there.
  const documents = [4, 6, 3].map((sentences, number) =>
    Array.from({ length: sentences }, (_, s) =>
      Int32Array.from({ length: 3 }, (_, t) => 100 * (number + 1) + 3 * s + t),
    ),
  );
  const draw = createSentencePairs(documents, { maximumTokens: 13, nextSentence: true });
  let follow = 0;
  for (let seed = 0; seed < 400; seed++) {
    const { first, second, follows } = draw(key(seed));
    expect(first.length + second.length).toBeLessThanOrEqual(13);
    expect(Math.min(first.length, second.length)).toBeGreaterThan(0);
    for (const part of [first, second]) {
      for (const [i, id] of part.entries()) expect(id).toBe(part[0]! + i);
    }
    const document = (id: number) => Math.floor(id / 100);
    if (follows) {
      follow++;
      expect(second[0]).toBe(first.at(-1)! + 1);
    } else expect(document(second[0]!)).not.toBe(document(first[0]!));
  }
  expect(Math.abs(follow / 400 - 0.5)).toBeLessThan(0.1);
  expect(() => createSentencePairs([documents[0]!], { maximumTokens: 9, nextSentence: true })).toThrow(
    /E_USAGE.*two documents/,
  );
  const single = createSentencePairs(documents, { maximumTokens: 5, nextSentence: false })(key(0));
  expect([single.first.length, single.second.length]).toEqual([3, 0]);
});

test("a vocabulary of a text: frequent words whole, the others by their characters", () => {
  const tokenizer = buildVocabulary(["The cat, the Cat and the hat.", "the hen in 1990"], 79);
  const spell = (text: string) => tokenizer.encode(text).map((id) => tokenizer.token(id));
  expect(spell("the cat")).toEqual(["the", "cat"]);
  expect(spell("that")).toEqual(["t", "##h", "##a", "##t"]);
  expect(spell("dog")).toEqual(["[UNK]"]);
  expect(tokenizer.size).toBe(79);
  expect(spell("1991 + 5")).toEqual(["1", "##9", "##9", "##1", "+", "5"]);
  expect(() => buildVocabulary(["abc"], 12)).toThrow(/E_RANGE.*too small/);
});

describe("pretraining", () => {
  // Two kinds of documents: which kind one belongs to tells its words, and its order the next sentence.
  const corpus = async () => {
    const animals = "cat dog hen cow pig".split(" ");
    const tools = "saw axe pen cup jar".split(" ");
    const documents = Array.from({ length: 40 }, (_, i) =>
      (i % 2 ? animals : tools)
        .map((word, j, all) => `${word} and ${all[(j + 1) % 5]} and ${word} .`)
        .join("\n"),
    );
    const file = join(folder, "corpus.txt");
    await writeFile(file, documents.join("\n\n"));
    return file;
  };
  const shape = {
    hidden_size: 16,
    num_attention_heads: 2,
    num_hidden_layers: 1,
    max_position_embeddings: 24,
  };
  const options = async (output: string) => ({
    files: [await corpus()],
    output: join(folder, output),
    config: { ...shape, hidden_dropout_prob: 0 },
    vocabularySize: 110,
    maximumTokens: 16,
    steps: 60,
    batchSize: 8,
    learningRate: 1e-2,
    maskShare: 0.2,
    checkpointEvery: 20,
    seed: 2,
  });

  test("perplexity falls far below the vocabulary; the encoder opens as Hugging Face's do", async () => {
    const before = await pretrainEncoder({ ...(await options("untrained")), learningRate: 1e-30, steps: 1 });
    const { encoder, evaluation, metrics } = await pretrainEncoder(await options("trained"));
    // Untrained: near the 100 tokens of the vocabulary.
    expect(before.evaluation.perplexity).toBeGreaterThan(30);
    expect(evaluation.perplexity).toBeLessThan(8);
    expect(evaluation.tokenAccuracy).toBeGreaterThan(0.4);
    expect(evaluation.nextSentenceAccuracy).toBeGreaterThanOrEqual(0.4);
    expect(Object.keys(metrics)).toContain("nextSentenceLoss");
    const config = JSON.parse(await readFile(join(encoder, "config.json"), "utf8"));
    expect(config).toMatchObject({
      model_type: "bert",
      architectures: ["BertForPreTraining"],
      hidden_size: 16,
    });
    const { tensors } = await readSafetensors(join(encoder, "model.safetensors"));
    expect([...tensors.keys()]).toContain("cls.predictions.transform.dense.weight");
    const reader = await createPretrainedReader({ encoder, key: key(0), config: { calculator: false } });
    const words = reader.parameters().get("bert.embeddings.word_embeddings.weight")!;
    expect(words.dataSync()).toEqual(tensors.get("bert.embeddings.word_embeddings.weight")!.data);
    expect(reader.tokenizer.size).toBe((await DigitTokenizer.fromFolder(encoder)).size);
    reader.dispose();

    const further = await pretrainEncoder({
      ...(await options("further")),
      config: undefined,
      vocabularySize: undefined,
      encoder,
      learningRate: 1e-30,
      steps: 1,
    });
    // Its own head for hidden tokens starts anew, its words do not.
    expect(further.evaluation.perplexity).not.toBe(evaluation.perplexity);
    const kept = await readSafetensors(join(further.encoder, "model.safetensors"));
    const name = "bert.encoder.layer.0.attention.self.query.weight";
    expect(kept.tensors.get(name)!.data).toEqual(tensors.get(name)!.data);
  });

  test("stopped and resumed equals uninterrupted; other text is refused", async () => {
    const short = {
      ...(await options("whole")),
      steps: 8,
      checkpointEvery: 3,
      wholeWords: true,
      nextSentence: false,
    };
    const whole = await pretrainEncoder(short);
    expect(whole.evaluation).not.toHaveProperty("nextSentenceAccuracy");
    const controller = new AbortController();
    const parts = { ...short, output: join(folder, "parts") };
    const stopped = pretrainEncoder({
      ...parts,
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step === 4) controller.abort();
      },
    });
    await expect(stopped).rejects.toMatchObject({ code: "E_ABORT" });
    await expect(pretrainEncoder({ ...parts, resume: true, seed: 9 })).rejects.toThrow(/seed: 2 then, 9 now/);
    const resumed = await pretrainEncoder({ ...parts, resume: true });
    expect(resumed.evaluation).toEqual(whole.evaluation);
    const weights = (encoder: string) => readFile(join(encoder, "model.safetensors"));
    expect((await weights(resumed.encoder)).equals(await weights(whole.encoder))).toBe(true);
  });

  test("no tensor is left behind", async () => {
    const short = { steps: 1, batchSize: 2 };
    await pretrainEncoder({ ...(await options("leak-0")), ...short });
    const before = tf.memory().numTensors;
    await pretrainEncoder({ ...(await options("leak-1")), ...short });
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    ["E_RANGE", { maskShare: 0 }, /`maskShare`/],
    ["E_RANGE", { steps: 0 }, /`steps`/],
    ["E_USAGE", { maximumTokens: 64 }, /the encoder reads 24/],
  ] as const)("%s: %j", async (code, wrong, message) => {
    const pretraining = pretrainEncoder({ ...(await options("refused")), ...wrong });
    await expect(pretraining).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
