// The ten nearest words: exact among 200,000 x 300 against gensim's most_similar, approximate among 400,000 with its
// recall and the time to build the graph.
//   SYMGRAD_VECTORS=FILE     the vectors of the approximate case, instead of made ones
//   SYMGRAD_INDEX=FILE       their graph (ApproximateSearch.save), instead of building it
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gensimPython } from "../lib/gensimPython.mjs";
import { writeMadeVectors } from "../lib/madeVectors.mjs";
import { median } from "../lib/median.mjs";
import { startPeer, startPython } from "../lib/peer.mjs";

const worker = fileURLToPath(new URL("../lib/wordVectorsWorker.mjs", import.meta.url));
const script = fileURLToPath(new URL("../lib/gensimVectors.py", import.meta.url));
process.env.OPENBLAS_NUM_THREADS = "1"; // gensim, as ours, computes on one thread
const QUERIES = 100;

export async function run({ runs, cases, log }) {
  const wanted = (name) => !cases || cases.split(",").includes(name);
  const folder = mkdtempSync(join(tmpdir(), "symgrad-bench-"));
  try {
    return {
      what: "the ten nearest words, milliseconds a query",
      rows: [
        ...(wanted("exact") ? [await exact(folder, runs, log)] : []),
        ...(wanted("approximate") ? [await approximate(folder, runs, log)] : []),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function exact(folder, runs, log) {
  const file = join(folder, "exact.bin");
  log("embeddings-search: writing 200000 x 300");
  await writeMadeVectors(file, 200_000, 300);
  const rows = Array.from({ length: QUERIES }, (_, i) => 17 + 1999 * i);
  const python = gensimPython(log);
  const ours = startPeer(worker, {});
  const theirs = python ? startPython(python, script, {}) : undefined;
  try {
    await ours.ask({ task: "load", file });
    const prepared = await ours.ask({ task: "prepare", kind: "exact" });
    await theirs?.ask({ task: "load", file, binary: true });
    const answers = [];
    for (let i = 0; i < runs; i++) {
      answers.push({
        ours: await ours.ask({ task: "nearest", rows }),
        theirs: await theirs?.ask({ task: "nearest", rows }),
      });
      log(`embeddings-search: exact ${i + 1} of ${runs}`);
    }
    const oursMs = median(answers.map((answer) => answer.ours.ms));
    const peerMs = theirs ? median(answers.map((answer) => answer.theirs.ms)) : null;
    const [{ ours: first, theirs: peers }] = answers;
    return {
      case: "exact, 200000 x 300",
      threads: 1,
      peer: "gensim",
      oursMs,
      peerMs,
      ratio: peerMs === null ? null : peerMs / oursMs,
      sameWords: peers ? overlap(first.found, peers.found) : null,
      prepareMs: prepared.ms,
    };
  } finally {
    ours.stop();
    theirs?.stop();
    rmSync(file);
  }
}

async function approximate(folder, runs, log) {
  const { SYMGRAD_VECTORS: given, SYMGRAD_INDEX: index } = process.env;
  const file = given ?? join(folder, "approximate.bin");
  if (!given) {
    log("embeddings-search: writing 400000 x 300");
    await writeMadeVectors(file, 400_000, 300);
  }
  const peer = startPeer(worker, {});
  try {
    const { words } = await peer.ask({ task: "load", file });
    const rows = Array.from({ length: QUERIES }, (_, i) => Math.floor((words * (i + 0.5)) / QUERIES));
    await peer.ask({ task: "prepare", kind: "exact" });
    const truth = await peer.ask({ task: "nearest", rows });
    log(
      index ? "embeddings-search: reading the graph" : "embeddings-search: building the graph, some minutes",
    );
    const prepared = await peer.ask({ task: "prepare", kind: "approximate", index });
    const answers = [];
    for (let i = 0; i < runs; i++) answers.push(await peer.ask({ task: "nearest", rows }));
    const oursMs = median(answers.map(({ ms }) => ms));
    return {
      case: `approximate, ${words} words${given ? "" : ", made"}`,
      threads: 1,
      peer: "our exact search",
      oursMs,
      peerMs: truth.ms,
      ratio: truth.ms / oursMs,
      recallAt10: overlap(truth.found, answers[0].found),
      [index ? "readGraphMs" : "buildMs"]: prepared.ms,
    };
  } finally {
    peer.stop();
  }
}

/** The share of the words of `wanted` that were found. */
function overlap(wanted, found) {
  const hits = wanted.map((rows, i) => rows.filter((row) => found[i].includes(row)).length / rows.length);
  return hits.reduce((sum, share) => sum + share, 0) / hits.length;
}
