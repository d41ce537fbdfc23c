// One training step of the demo's calculator reader (forward, gradients, clipping, AdamW): traced against tfjs-wasm, in
// one interleaved run; and its gradients against tfjs-cpu.
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { demoPreset } from "@symgrad/qa-model";
import { median } from "../lib/median.mjs";
import { startPeer } from "../lib/peer.mjs";

const worker = fileURLToPath(new URL("../lib/readerStepWorker.mjs", import.meta.url));
/** Traced steps for each step of the slower peer: their noise is larger relative to their time. */
const STEPS_PER_ROUND = 8;
/**
 * tfjs-cpu runs at 0.8 GFLOPS: few examples, all parameters. Not fewer: what the spans give the last layer norm's bias
 * sums to 0, and with 4 examples, none of them labelled, the rest of its gradient is hardly above rounding.
 */
const GRADIENT_EXAMPLES = 16;

export async function run({ runs, log }) {
  const { batchSize } = demoPreset;
  const rows = [];
  for (const threads of [1, 2].filter((count) => count <= availableParallelism())) {
    log(`reader-step: traced, ${threads} thread(s), against tfjs-wasm, ${runs} rounds`);
    const ours = startPeer(worker, { backend: "onnxruntime", threads, setting: demoPreset, batchSize });
    const wasm = startPeer(worker, { backend: "wasm", threads: 1, setting: demoPreset, batchSize });
    // The first step traces and compiles here, and warms up there.
    const compileMs = await ours.ask("step");
    await wasm.ask("step");
    const times = { ours: [], wasm: [] };
    for (let round = 0; round < runs; round++) {
      times.wasm.push(await wasm.ask("step"));
      for (let i = 0; i < STEPS_PER_ROUND; i++) times.ours.push(await ours.ask("step"));
    }
    const [oursMs, peerMs] = [median(times.ours), median(times.wasm)];
    rows.push({
      case: `demo reader, batch ${batchSize}`,
      threads,
      peer: "tfjs-wasm",
      oursMs: round(oursMs),
      peerMs: round(peerMs),
      ratio: round(peerMs / oursMs),
      oursRssMb: Math.round(await ours.ask("memory")),
      peerRssMb: Math.round(await wasm.ask("memory")),
      firstStepMs: Math.round(compileMs),
    });
    ours.stop();
    wasm.stop();
  }
  log("reader-step: gradients against tfjs-cpu");
  const difference = await compareGradients();
  const bound = 1e-5;
  return {
    what: "one training step of the demo's calculator reader, median ms (ratio above 1: ours is faster)",
    rows,
    gradients: { peer: "tfjs-cpu", examples: GRADIENT_EXAMPLES, bound, ...difference },
    failed: !(difference.largest <= bound),
    notes: [
      `gradients: max |difference| / max |gradient| over ${difference.tensors} tensors against tfjs-cpu: ${difference.largest.toExponential(1)} (${difference.tensor}); the bound is ${bound}; left out, because their exact gradient is 0: ${difference.zero.join(", ")}`,
      `${cpus()[0].model}, Node ${process.version}, tfjs 4.22.0, onnxruntime-node 1.30.0; tfjs-wasm has no threads in Node`,
    ],
  };
}

async function compareGradients() {
  const settings = { threads: 1, setting: demoPreset, batchSize: GRADIENT_EXAMPLES };
  const peers = ["onnxruntime", "cpu"].map((backend) => startPeer(worker, { ...settings, backend }));
  const [ours, exact] = await Promise.all(peers.map((peer) => peer.ask("gradients")));
  for (const peer of peers) peer.stop();
  let worst = { largest: 0, tensor: "" };
  const zero = [];
  const sizes = Object.values(exact).map(largestOf);
  const largestOfAll = largestOf(sizes);
  for (const [name, values] of Object.entries(exact)) {
    const size = largestOf(values);
    // A bias in front of a softmax shifts all its scores alike: its exact gradient is 0, what is left is rounding.
    if (size < 1e-6 * largestOfAll) {
      zero.push(name);
      continue;
    }
    const error = largestOf(values.map((value, i) => value - ours[name][i]));
    if (!(error / size <= worst.largest)) worst = { largest: error / size, tensor: name };
  }
  return { ...worst, tensors: sizes.length - zero.length, zero };
}

function largestOf(values) {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function round(value) {
  return Math.round(value * 10) / 10;
}
