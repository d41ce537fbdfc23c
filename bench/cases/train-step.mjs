// One training step of a BERT-like encoder with a span head (forward, gradients, AdamW): traced against PyTorch on the
// CPU in three forms, tfjs-wasm and our own eager mode, interleaved in one run, from the same weights on the same batches.
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../lib/median.mjs";
import { startPeer, startPython } from "../lib/peer.mjs";
import { torchPython } from "../lib/torchPython.mjs";
import { flops, SHAPES } from "../lib/trainStepModel.mjs";

const worker = fileURLToPath(new URL("../lib/trainStepWorker.mjs", import.meta.url));
const torchWorker = fileURLToPath(new URL("../lib/torchTrainStep.py", import.meta.url));
const TORCH = ["torch-eager", "torch-sdpa-fused", "torch-compile"];
const PEERS = [...TORCH, "tfjs-wasm", "ours-eager"];
/** Steps in a row of each peer in a round; the slow ones take one in the first round, and one in every fourth. */
const STEPS = 4;
const WARMUP = 2;
const BATCHES = 4;
/** Losses of the same step differ by rounding; after some AdamW steps rounding has grown. */
const LOSS_BOUND = 2e-3;

export async function run({ runs, threads: only, cases = "A,B", peers = PEERS.join(), log }) {
  const names = peers.split(",");
  const unknown = [
    ...names.filter((name) => !PEERS.includes(name)),
    ...cases.split(",").filter((c) => !SHAPES[c]),
  ];
  if (unknown.length > 0)
    throw new Error(`unknown: ${unknown}; peers: ${PEERS}; cases: ${Object.keys(SHAPES)}`);
  const python = names.some((name) => TORCH.includes(name)) ? torchPython(log) : undefined;
  const folder = await mkdtemp(join(tmpdir(), "train-step-"));
  const rows = [];
  try {
    for (const name of cases.split(","))
      for (const threads of [1, 2].filter(
        (count) => count <= availableParallelism() && (only ?? count) === count,
      ))
        rows.push(...(await compare({ name, threads, runs, names, python, folder, log })));
  } finally {
    await rm(folder, { recursive: true });
  }
  return {
    what: "one training step, median ms (ratio above 1: ours is faster)",
    rows,
    failed: rows.some((row) => row.lossDifference > LOSS_BOUND),
    notes: [
      "share: arithmetic of the matrix products over the step's time, of the f32 peak measured in the same run",
      `${cpus()[0].model}, Node ${process.version}, tfjs 4.22.0 (wasm: no threads in Node), onnxruntime-node 1.30.0`,
    ],
  };
}

async function compare({ name, threads, runs, names, python, folder, log }) {
  const shape = SHAPES[name];
  log(`train-step ${name}, ${threads} thread(s): starting ours and ${names.join(", ")}`);
  const common = { threads, batches: BATCHES };
  const ours = startPeer(worker, { ...common, backend: "onnxruntime", shape: name, traced: true });
  const file = join(folder, `${name}.safetensors`);
  await ours.ask({ save: file });
  const all = new Map([["ours", ours]]);
  function start(peer) {
    if (peer === "tfjs-wasm")
      return startPeer(worker, { ...common, backend: "wasm", threads: 1, shape: name });
    if (peer === "ours-eager") return startPeer(worker, { ...common, backend: "onnxruntime", shape: name });
    return startPython(python, torchWorker, { ...common, shape, form: peer, file });
  }
  try {
    const times = new Map();
    const losses = new Map();
    const take = async (peer, keep) => {
      const { ms, loss } = await all.get(peer).ask("step");
      if (!times.has(peer)) times.set(peer, []);
      if (!losses.has(peer)) losses.set(peer, []);
      if (keep) times.get(peer).push(ms);
      losses.get(peer).push(loss);
    };
    const slow = new Set(["tfjs-wasm", "ours-eager"]);
    // Traced and compiled before the others take the cores to start.
    await take("ours", false);
    for (const peer of names) all.set(peer, start(peer));
    for (const peer of all.keys())
      for (let i = 0; i < (slow.has(peer) ? 1 : WARMUP); i++) await take(peer, false);
    const peaks = [await ours.ask("peak")];
    if (all.has(TORCH[0])) peaks.push(await all.get(TORCH[0]).ask("peak"));
    for (let round = 0; round < runs; round++)
      for (const peer of all.keys()) {
        const steps = slow.has(peer) ? (round % 4 === 0 ? 1 : 0) : STEPS;
        for (let i = 0; i < steps; i++) await take(peer, true);
      }
    const peak = Math.max(...peaks);
    const share = (ms) => round2(flops(shape) / ms / 1e6 / peak);
    const oursMs = median(times.get("ours"));
    const compileMs = Math.round(await ours.ask("compile"));
    const oursRssMb = Math.round(await ours.ask("memory"));
    const rows = [];
    for (const peer of names) {
      const peerMs = median(times.get(peer));
      rows.push({
        case: name,
        threads,
        peer,
        oursMs: round1(oursMs),
        peerMs: round1(peerMs),
        ratio: round2(peerMs / oursMs),
        oursRssMb,
        peerRssMb: Math.round(await all.get(peer).ask("memory")),
        oursShare: share(oursMs),
        peerShare: share(peerMs),
        peakGflops: Math.round(peak),
        compileMs,
        lossDifference: largestDifference(losses.get("ours"), losses.get(peer)),
      });
    }
    return rows;
  } finally {
    for (const peer of all.values()) peer.stop();
  }
}

function largestDifference(ours, theirs) {
  const differences = theirs.map((loss, i) => (i < ours.length ? Math.abs(loss - ours[i]) / loss : 0));
  return Number(Math.max(...differences).toExponential(1));
}

const round1 = (value) => Math.round(value * 10) / 10;
const round2 = (value) => Math.round(value * 100) / 100;
