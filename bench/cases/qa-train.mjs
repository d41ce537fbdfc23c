// One training step of the calculator reader (both passes, losses, gradients, clipping, AdamW) against the same step in
// PyTorch on the CPU, interleaved, from the same weights, batch and noise: on MiniLM and on the from-scratch encoder.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../lib/median.mjs";
import { startPeer, startPython } from "../lib/peer.mjs";
import { torchPython } from "../lib/torchPython.mjs";

const worker = fileURLToPath(new URL("../lib/qaTrainWorker.mjs", import.meta.url));
const torchWorker = fileURLToPath(new URL("../lib/torchQaTrain.py", import.meta.url));
const PEERS = ["torch-eager", "torch-sdpa-fused"];
const CASES = {
  "from-scratch": { synthetic: { people: 4, digits: 3 }, batchSize: 64, learningRate: 3e-3 },
  minilm: { synthetic: { people: 10, digits: 7 }, batchSize: 8, learningRate: 1e-4, pretrained: true },
};
const STEPS = 3;
const WARMUP = 2;
/** Gumbel noise of so many steps is given to PyTorch. */
const NOISES = 32;
/** The first steps' losses: later ones differ by what rounding grows to, and a choice may fall otherwise. */
const COMPARED = WARMUP + 1;
const LOSS_BOUND = 1e-3;

export async function run({
  runs,
  threads: only,
  cases = Object.keys(CASES).join(),
  peers = PEERS.join(),
  log,
}) {
  const encoder = process.env.SYMGRAD_MINILM;
  const known = encoder && existsSync(join(encoder, "model.safetensors"));
  const python = torchPython(log);
  const folder = await mkdtemp(join(tmpdir(), "qa-train-"));
  const rows = [];
  const notes = [];
  try {
    for (const name of cases.split(",")) {
      const { pretrained, synthetic, ...training } = CASES[name];
      if (pretrained && !known) {
        notes.push(`${name} was not run: SYMGRAD_MINILM must name the folder of MiniLM-L6-H384`);
        continue;
      }
      for (const threads of [1, 2].filter((n) => n <= availableParallelism() && (only ?? n) === n)) {
        const settings = {
          ...training,
          synthetic: { type: "max", transfer: true, ...synthetic },
          threads,
          noises: NOISES,
          encoder: pretrained ? encoder : undefined,
        };
        log(`qa-train: ${name}, ${threads} thread(s), against ${peers}`);
        rows.push(...(await compare({ name, settings, runs, folder, python, peers: peers.split(",") })));
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return {
    what: "one training step of the calculator reader, median ms (ratio above 1: ours is faster)",
    rows,
    failed: rows.some(({ lossDifference }) => !(lossDifference <= LOSS_BOUND)),
    notes: [...notes, `${cpus()[0].model}, Node ${process.version}, onnxruntime-node 1.30.0, no dropout`],
  };
}

async function compare({ name, settings, runs, folder, python, peers }) {
  const all = new Map([["ours", startPeer(worker, settings)]]);
  const { threads, batchSize, learningRate, noises } = settings;
  const file = join(folder, `${name}.safetensors`);
  try {
    const shape = await all.get("ours").ask({ save: file });
    for (const form of peers) {
      all.set(form, startPython(python, torchWorker, { threads, learningRate, noises, shape, form, file }));
    }
    const times = new Map([...all.keys()].map((peer) => [peer, []]));
    const losses = new Map([...all.keys()].map((peer) => [peer, []]));
    const take = async (peer, keep) => {
      const { ms, loss } = await all.get(peer).ask("step");
      if (keep) times.get(peer).push(ms);
      losses.get(peer).push(loss);
    };
    for (const peer of all.keys()) for (let i = 0; i < WARMUP; i++) await take(peer, false);
    for (let round = 0; round < runs; round++)
      for (const peer of all.keys()) for (let i = 0; i < STEPS; i++) await take(peer, true);
    const oursMs = median(times.get("ours"));
    const oursRssMb = Math.round(await all.get("ours").ask("memory"));
    const rows = [];
    for (const peer of peers) {
      const peerMs = median(times.get(peer));
      const first = losses.get(peer).slice(0, COMPARED);
      const differences = first.map((loss, i) => Math.abs(loss - losses.get("ours")[i]) / Math.abs(loss));
      rows.push({
        case: `${name}, batch ${batchSize} of ${shape.tokens} + ${shape.length + 1} tokens, ${shape.candidates} candidates`,
        threads,
        peer,
        oursMs: round1(oursMs),
        peerMs: round1(peerMs),
        ratio: Math.round((100 * peerMs) / oursMs) / 100,
        oursRssMb,
        peerRssMb: Math.round(await all.get(peer).ask("memory")),
        lossDifference: Number(Math.max(...differences).toExponential(1)),
      });
    }
    return rows;
  } finally {
    for (const peer of all.values()) peer.stop();
  }
}

const round1 = (value) => Math.round(value * 10) / 10;
