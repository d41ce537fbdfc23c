// Peak memory of word2vec on 100 MB and on 1 GB of text, against word2vec.c (SYMGRAD_WORD2VEC): counting the words of the
// whole text, training on its first ten million words, saving. The large text is the small one ten times over, in which
// each copy has its own rare words (those that the small one holds once or twice): the tail of the vocabulary grows.
//
//   npm run bench -- embeddings-memory      (SYMGRAD_CORPUS names a text of 100 MB; writes 1 GB to the temporary folder)
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const worker = fileURLToPath(new URL("../lib/word2vecMemoryWorker.mjs", import.meta.url));
const { SYMGRAD_WORD2VEC, SYMGRAD_CORPUS } = process.env;
const WORDS = 10_000_000;
const COPIES = 10;

export async function run({ log, threads = 1 }) {
  if (SYMGRAD_CORPUS === undefined) throw new Error("set SYMGRAD_CORPUS to a text of 100 MB");
  const folder = mkdtempSync(join(tmpdir(), "symgrad-bench-"));
  try {
    const { large, differentWords } = enlarge(SYMGRAD_CORPUS, join(folder, "large.txt"));
    const rows = [];
    for (const [i, { text, minCount }] of [
      { text: SYMGRAD_CORPUS, minCount: 5 },
      { text: large, minCount: 5 },
      { text: large, minCount: 5 * COPIES },
    ].entries()) {
      const output = join(folder, "vectors.bin");
      const settings = JSON.stringify({ text, output, minCount, words: WORDS, threads });
      const ours = JSON.parse(execFileSync(process.execPath, [worker, settings], { encoding: "utf8" }));
      const peerMB = SYMGRAD_WORD2VEC ? await peakOfPeer(text, output, minCount, threads) : null;
      rows.push({
        ...{ case: text === large ? "1 GB" : "100 MB", threads, minCount, vocabulary: ours.vocabulary },
        ...{
          differentWords: differentWords[Math.min(i, 1)],
          oursMB: ours.megabytes,
          peer: "word2vec.c",
          peerMB,
        },
      });
      log(`embeddings-memory: ${JSON.stringify(rows.at(-1))}`);
    }
    return { what: "peak memory in MB: counting words, training skip-gram, dim 100, saving", rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function enlarge(small, large) {
  const text = readFileSync(small, "latin1");
  const counts = new Map();
  for (const [word] of text.matchAll(/\S+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let rare = 0;
  for (const count of counts.values()) rare += Number(count <= 2);
  const pieces = []; // each ends with a rare word
  let from = 0;
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    if (counts.get(word) > 2) continue;
    pieces.push(text.slice(from, index + word.length));
    from = index + word.length;
  }
  pieces.push(text.slice(from));
  writeFileSync(large, text, "latin1");
  for (let copy = 1; copy < COPIES; copy++) {
    const ending = `q${String.fromCharCode(96 + copy)}q`;
    appendFileSync(large, pieces.join(ending), "latin1");
  }
  return { large, differentWords: [counts.size, counts.size + (COPIES - 1) * rare] };
}

/** All that word2vec.c ever takes is there once it trains: it is ended 20 seconds into that. */
function peakOfPeer(text, output, minCount, threads) {
  const settings = `-size 100 -window 5 -negative 5 -cbow 0 -sample 1e-3 -iter 1 -binary 1 -debug 2 -threads ${threads}`;
  const child = spawn(
    "/usr/bin/time",
    [
      "-f",
      "peak %M",
      SYMGRAD_WORD2VEC,
      "-train",
      text,
      "-output",
      output,
      "-min-count",
      `${minCount}`,
    ].concat(settings.split(" ")),
    { detached: true },
  );
  return new Promise((resolve, reject) => {
    child.stdout.on("data", function ended(piece) {
      if (!piece.includes("Progress")) return;
      child.stdout.off("data", ended).resume();
      setTimeout(() => process.kill(-child.pid, "SIGINT"), 20_000);
    });
    let errors = "";
    child.stderr.on("data", (piece) => {
      errors += piece;
    });
    child.on("close", () => {
      const peak = /peak (\d+)/.exec(errors);
      if (peak) resolve(Math.round(Number(peak[1]) / 1024));
      else reject(new Error(`word2vec.c: ${errors}`));
    });
  });
}
