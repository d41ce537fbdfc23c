// Are the bits of a training step the same from run to run? Two steps of train-step's model at a smaller size, many times
// from the same state, at 1 and 2 threads: losses, weights and moments are compared bit by bit.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { startPeer } from "../lib/peer.mjs";

const worker = fileURLToPath(new URL("../lib/determinismWorker.mjs", import.meta.url));

/** Repeats for each run that is asked for: 300 by default. */
const REPEATS = 100;

export async function run({ runs, threads: only, log }) {
  const repeats = runs * REPEATS;
  const rows = [];
  for (const threads of [1, 2].filter(
    (count) => count <= availableParallelism() && (only ?? count) === count,
  )) {
    log(`determinism: ${threads} thread(s), ${repeats} repeats`);
    const peer = startPeer(worker, { threads });
    const seen = new Set();
    for (let i = 0; i < repeats; i++) seen.add(await peer.ask("repeat"));
    peer.stop();
    rows.push({ case: "two steps of train-step's model", threads, repeats, different: seen.size - 1 });
  }
  return {
    what: "a training step repeated from the same state: how many repeats gave other bits",
    rows,
    failed: rows.some(({ different }) => different > 0),
  };
}
