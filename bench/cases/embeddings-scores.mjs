// The scores of one file of word vectors by `symgrad embed eval` and by gensim (SYMGRAD_GENSIM, a Python): every set of
// SYMGRAD_DATA/embeddings, the same settings (analogies among the 30,000 most frequent words, no matter the case).
//
//   SYMGRAD_VECTORS=FILE npm run bench -- embeddings-scores
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { evaluateWordVectors, loadWordVectors } from "@symgrad/embeddings";

const script = fileURLToPath(new URL("../lib/gensimScores.py", import.meta.url));
const { SYMGRAD_DATA, SYMGRAD_GENSIM, SYMGRAD_VECTORS } = process.env;

export async function run({ log }) {
  for (const [name, value] of Object.entries({ SYMGRAD_DATA, SYMGRAD_GENSIM, SYMGRAD_VECTORS })) {
    if (value === undefined) throw new Error(`set ${name}`);
  }
  const folder = join(SYMGRAD_DATA, "embeddings");
  const sets = readdirSync(folder).filter((name) => /^(EN-.*|questions-words)\.txt$/.test(name));
  const files = sets.sort().map((name) => join(folder, name));
  const vectors = await loadWordVectors(SYMGRAD_VECTORS);
  const began = performance.now();
  const ours = await evaluateWordVectors(vectors, files);
  const oursMs = Math.round(performance.now() - began);
  log(`embeddings-scores: ours took ${oursMs} ms`);
  const theirs = JSON.parse(
    execFileSync(SYMGRAD_GENSIM, [script, SYMGRAD_VECTORS, ...files], { encoding: "utf8" }),
  );
  const rows = ours
    .filter(({ set }) => set in theirs.scores)
    .map(({ set, score, covered }) => {
      const [peerScore, peerCovered] = theirs.scores[set];
      return { case: set, peer: "gensim", score, peerScore, covered, peerCovered };
    });
  const equal = rows.every(
    (row) => Math.abs(row.score - row.peerScore) < 1e-3 && row.covered === row.peerCovered,
  );
  return {
    what: "scores of the same file of word vectors, ours and gensim's",
    words: vectors.size,
    oursMs,
    peerMs: Math.round(theirs.ms),
    rows,
    failed: !equal,
  };
}
