// Straight-through Gumbel-softmax of [64, 1000], forward and backward, noise included: traced against PyTorch's
// F.gumbel_softmax(hard=True) on the CPU and against the composition of tfjs-wasm's own operations, interleaved.
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { median } from "../lib/median.mjs";
import { startPeer, startPython } from "../lib/peer.mjs";
import { torchPython } from "../lib/torchPython.mjs";

const worker = fileURLToPath(new URL("../lib/gumbelSoftmaxWorker.mjs", import.meta.url));
const torchWorker = fileURLToPath(new URL("../lib/torchGumbelSoftmax.py", import.meta.url));
const SHAPE = [64, 1000];
const WARMUP = 300;
const ITERATIONS = 40;

export async function run({ runs, threads: only, log }) {
  const python = torchPython(log);
  const rows = [];
  for (const threads of [1, 2].filter((n) => n <= availableParallelism() && (only ?? n) === n)) {
    log(`gumbel-softmax: ${threads} thread(s), ${runs} rounds of ${ITERATIONS} iterations`);
    const peers = {
      ours: startPeer(worker, { peer: "ours", threads, shape: SHAPE }),
      torch: startPython(python, torchWorker, { threads, shape: SHAPE }),
      "tfjs-wasm": startPeer(worker, { peer: "tfjs-wasm", threads: 1, shape: SHAPE }),
    };
    const times = { ours: [], torch: [], "tfjs-wasm": [] };
    try {
      for (const peer of Object.values(peers)) await peer.ask(WARMUP);
      for (let round = 0; round < runs; round++)
        for (const [name, peer] of Object.entries(peers)) times[name].push(...(await peer.ask(ITERATIONS)));
    } finally {
      for (const peer of Object.values(peers)) peer.stop();
    }
    const oursMs = median(times.ours);
    for (const peer of ["torch", "tfjs-wasm"]) {
      const peerMs = median(times[peer]);
      rows.push({
        case: `[${SHAPE}], hard`,
        threads,
        peer,
        oursMs: round3(oursMs),
        peerMs: round3(peerMs),
        ratio: round3(peerMs / oursMs),
      });
    }
  }
  return {
    what: "straight-through Gumbel-softmax, forward and backward, noise included, median ms (ratio above 1: ours is faster)",
    rows,
    notes: [
      `${cpus()[0].model}, Node ${process.version}, tfjs 4.22.0 (wasm: no threads in Node), onnxruntime-node 1.30.0`,
    ],
  };
}

function round3(value) {
  return Math.round(value * 1000) / 1000;
}
