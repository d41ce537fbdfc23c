// Reading a file of word vectors, from the first byte to a table that can be asked: ours against gensim, each time in a
// new process; the file is in the system's cache.
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
const CASES = [
  { case: "binary", words: 400_000, dimension: 300, name: "vectors.bin" },
  { case: "text", words: 40_000, dimension: 300, name: "vectors.txt" },
];

export async function run({ runs, cases, log }) {
  const python = gensimPython(log);
  const folder = mkdtempSync(join(tmpdir(), "symgrad-bench-"));
  const rows = [];
  try {
    for (const { name, words, dimension, ...wanted } of CASES) {
      if (cases && !cases.split(",").includes(wanted.case)) continue;
      const file = join(folder, name);
      log(`embeddings-load: writing ${words} x ${dimension}, ${wanted.case}`);
      await writeMadeVectors(file, words, dimension);
      const request = { task: "load", file, binary: wanted.case === "binary" };
      const [ours, theirs] = [[], []];
      for (let i = 0; i < runs; i++) {
        ours.push(await once(startPeer(worker, {}), request));
        if (python) theirs.push(await once(startPython(python, script, {}), request));
        log(`embeddings-load: ${wanted.case} ${i + 1} of ${runs}`);
      }
      const [oursMs, peerMs] = [ours, theirs].map((all) =>
        all.length ? median(all.map(({ ms }) => ms)) : null,
      );
      rows.push({
        case: `${wanted.case} ${words} x ${dimension}`,
        threads: 1,
        peer: "gensim",
        oursMs,
        peerMs,
        ratio: peerMs === null ? null : peerMs / oursMs,
        oursRssMb: median(ours.map(({ rssMb }) => rssMb)),
        peerRssMb: theirs.length ? median(theirs.map(({ rssMb }) => rssMb)) : null,
      });
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { what: "reading a file of word vectors", rows };
}

async function once(peer, request) {
  try {
    return await peer.ask(request);
  } finally {
    peer.stop();
  }
}
