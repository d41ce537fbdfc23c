// What one small operation costs outside `jit`: the add of 1,024 elements and an LSTM cell, against tfjs-wasm.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { median } from "../lib/median.mjs";
import { startPeer } from "../lib/peer.mjs";

const worker = fileURLToPath(new URL("../lib/eagerWorker.mjs", import.meta.url));
const CALLS = { add: 4000, lstm: 400 };
const NAMES = { add: "add, 1,024 elements", lstm: "LSTM cell, 8 x 32 units" };

export async function run({ runs, log }) {
  const rounds = Math.max(runs, 7);
  const peers = {
    ours: startPeer(worker, { backend: "onnxruntime", threads: 1 }),
    wasm: startPeer(worker, { backend: "wasm", threads: 1 }),
  };
  const rows = [];
  for (const [call, count] of Object.entries(CALLS)) {
    log(`eager-overhead: ${NAMES[call]}, ${rounds} rounds of ${count} calls`);
    const times = { ours: [], wasm: [] };
    for (let round = 0; round <= rounds; round++) {
      for (const [name, peer] of Object.entries(peers)) {
        const micros = await peer.ask({ call, count });
        // The first round warms up.
        if (round > 0) times[name].push(micros);
      }
    }
    const [ours, wasm] = [median(times.ours), median(times.wasm)];
    rows.push({
      case: NAMES[call],
      threads: 1,
      peer: "tfjs-wasm",
      oursMs: Number((ours / 1000).toPrecision(3)),
      peerMs: Number((wasm / 1000).toPrecision(3)),
      ratio: Number((wasm / ours).toPrecision(3)),
    });
  }
  for (const peer of Object.values(peers)) peer.stop();
  return {
    what: "one operation outside jit, median ms (ratio above 1: ours is faster)",
    rows,
    notes: [`${cpus()[0].model}, Node ${process.version}, tfjs 4.22.0, onnxruntime-node 1.30.0`],
  };
}
