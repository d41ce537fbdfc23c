import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { key } from "@symgrad/core";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import * as node from "../src/index";
import { threadSource } from "../src/kernel/threadSource";

const packages = new URL("../../", import.meta.url).pathname;
let code: string;

beforeAll(async () => {
  const entry = (name: string) => `${packages}${name}/src/index.browser.ts`;
  const { outputFiles, metafile } = await build({
    entryPoints: [entry("embeddings")],
    alias: Object.fromEntries(
      ["core", "tfjs-backend-onnxruntime"].map((name) => [`@symgrad/${name}`, entry(name)]),
    ),
    ...{ bundle: true, platform: "browser", format: "iife", globalName: "symgrad" },
    ...{ write: false, metafile: true, logLevel: "silent" },
  });
  code = outputFiles[0]!.text;
  expect(Object.keys(metafile.inputs).filter((file) => file.includes("node_modules"))).toEqual([]);
});

/** The browser's entry, bundled, where there is what a browser's worker has and nothing of Node. */
function inBrowser(more: object = {}): typeof node {
  const globals = {
    ...{ TextEncoder, TextDecoder, Blob, URL, Response, ReadableStream, DecompressionStream },
    ...{ MessageChannel, AbortController, performance, atob, ...more },
  };
  return runInContext(`${code}; symgrad`, createContext(globals));
}

/** A browser's Worker, as far as it is used, on the thread it is made on. */
function workers(): { Worker: new () => object; started: object[] } {
  const started: object[] = [];
  class Worker {
    onmessage?: (event: object) => void;
    readonly #self = createContext({ postMessage: (data: object) => this.#answer(data), self: undefined });

    constructor() {
      started.push(this);
      this.#self.self = this.#self;
      runInContext(threadSource, this.#self);
    }

    #answer(data: object) {
      setImmediate(() => this.onmessage?.({ data }));
    }

    postMessage(data: object) {
      setImmediate(() => this.#self.onmessage?.({ data }));
    }

    terminate() {}
  }
  return { Worker, started };
}

const lines = Array.from({ length: 300 }, (_, i) => `the ${i % 7} cat ${i % 5} sat on a ${i % 3} mat`);
const text = lines.join("\n");
const options = { dimension: 12, epochs: 2, minCount: 2, key: key(3) };
const numbers = ({ values }: { values: Float32Array }) => Array.from(values);

describe("a bundle without Node", () => {
  test("trains word2vec to the same numbers from any source of text", async () => {
    const browser = inBrowser();
    const expected = await node.trainWord2Vec(node.textLines(lines), options);
    for (const source of [text, new Blob([text]), new Blob([gzipSync(text)]), () => new Response(text)]) {
      const { vectors } = await browser.trainWord2Vec(browser.textSource(source), options);
      expect(vectors.words).toEqual(expected.vectors.words);
      expect(numbers(vectors)).toEqual(numbers(expected.vectors));
    }
  });

  test("trains GloVe to the same numbers, and says what it cannot do without a disk", async () => {
    const glove = async (from: typeof node) => {
      const corpus = from.textSource(text);
      const vocabulary = await from.buildVocabulary(corpus, { minCount: 2 });
      const pairs = await from.countCooccurrences(corpus, vocabulary, { windowSize: 4 });
      const { vectors } = await from.trainGloVe(pairs, vocabulary, { dimension: 8, epochs: 2 });
      return numbers(vectors);
    };
    expect(await glove(inBrowser())).toEqual(await glove(node));

    const browser = inBrowser();
    const corpus = browser.textSource(Array.from({ length: 3000 }, (_, i) => `w${i}`).join(" "));
    const vocabulary = await browser.buildVocabulary(corpus, { minCount: 1 });
    const counting = browser.countCooccurrences(corpus, vocabulary, { windowSize: 100, memory: 2 ** 20 });
    await expect(counting).rejects.toThrow(/E_MEMORY.*no disk[\s\S]*raise memory/);
  });

  test("stops, keeps the model as bytes, and goes on to what it would have been", async () => {
    const browser = inBrowser();
    const corpus = browser.textSource(text);
    const whole = await browser.trainWord2Vec(corpus, options);
    const stop = new AbortController();
    const onProgress = ({ phase }: { phase: string }) => phase === "training" && stop.abort();
    const part = await browser.trainWord2Vec(corpus, options, { onProgress, signal: stop.signal });
    expect(part.progress.complete).toBe(false);
    const kept = await browser.encodeWord2VecModel(part);
    const resumed = await browser.resumeWord2Vec(corpus, await browser.decodeWord2VecModel(kept));
    expect(numbers(resumed.vectors)).toEqual(numbers(whole.vectors));
  });

  test("reads and writes vectors as bytes", async () => {
    const browser = inBrowser();
    const gensim = readFileSync(new URL("../../../fixtures/embeddings/gensim.bin", import.meta.url));
    const vectors = await browser.decodeWordVectors(new Blob([gensim]));
    expect(vectors.size).toBeGreaterThan(3);
    for (const format of ["word2vec-binary", "word2vec-text", "glove"] as const) {
      const bytes = browser.encodeWordVectors(vectors, { format });
      for (const packed of [bytes, new Blob([gzipSync(new Uint8Array(await bytes.arrayBuffer()))])]) {
        const read = await browser.decodeWordVectors(packed);
        expect([read.words, numbers(read)]).toEqual([vectors.words, numbers(vectors)]);
      }
      const cut = browser.decodeWordVectors(bytes.slice(0, bytes.size - 30), { name: "cut" });
      await expect(cut).rejects.toThrow(/E_FORMAT[\s\S]*cut/);
    }
    const search = new browser.ExactSearch(vectors);
    expect(browser.neighbors(search, vectors.words[0]!).neighbors.length).toBeGreaterThan(0);
  });

  test("starts workers where the page is isolated, and says what is missing where it is not", async () => {
    const { Worker, started } = workers();
    const isolated = inBrowser({ Worker, crossOriginIsolated: true });
    const { vectors } = await isolated.trainWord2Vec(isolated.textSource(text), { ...options, threads: 2 });
    expect(started).toHaveLength(2);
    expect(vectors.values.every(Number.isFinite)).toBe(true);
    expect(vectors.values.some((value) => Math.abs(value) > 0.5 / options.dimension)).toBe(true);

    const other = inBrowser({ Worker, crossOriginIsolated: false });
    const training = other.trainWord2Vec(other.textSource(text), { ...options, threads: 2 });
    await expect(training).rejects.toThrow(/E_RANGE.*not cross-origin isolated[\s\S]*Opener-Policy/);
  });
});

test("a server's error and packed text cut off are told apart from text", async () => {
  const missing = node.textSource(() => new Response("not here", { status: 404 }), { name: "corpus.txt" });
  await expect(node.buildVocabulary(missing)).rejects.toThrow(/E_FILE corpus\.txt cannot be read.*404/);
  const packed = gzipSync(text);
  for (const from of [node, inBrowser()]) {
    const corpus = from.textSource(new Blob([packed.subarray(0, packed.length - 9)]));
    await expect(from.buildVocabulary(corpus)).rejects.toThrow(/E_FORMAT the text cannot be unpacked/);
    const xz = from.textSource(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0));
    await expect(from.buildVocabulary(xz)).rejects.toThrow(/E_FORMAT.*packed with xz/);
  }
});
