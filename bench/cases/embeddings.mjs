// Word vectors against word2vec.c, gensim and GloVe's C code: the same text and settings, interleaved; whole commands from
// reading to saving, against gensim the library's own time on both sides: counting and training, without the start of
// the program and the file written. Peers that are not there are left out:
//   SYMGRAD_WORD2VEC  the program `word2vec`, built with gcc -O3 -march=native -ffast-math
//   SYMGRAD_GLOVE     the folder with `vocab_count`, `cooccur`, `shuffle` and `glove`, as its Makefile builds them
//   SYMGRAD_GENSIM    a Python with gensim
//   SYMGRAD_CORPUS    the text; default: the first 10 MB of SYMGRAD_DATA/embeddings/enwiki100m.txt.xz
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "../lib/median.mjs";

const cli = fileURLToPath(new URL("../../packages/cli/dist/cli.js", import.meta.url));
const gensimScript = fileURLToPath(new URL("../lib/gensimTrain.py", import.meta.url));
const { SYMGRAD_WORD2VEC, SYMGRAD_GLOVE, SYMGRAD_GENSIM, SYMGRAD_CORPUS, SYMGRAD_DATA } = process.env;

export async function run({ runs, threads = 1, cases, peers, log }) {
  const folder = mkdtempSync(join(tmpdir(), "symgrad-bench-"));
  try {
    const corpus = SYMGRAD_CORPUS ?? slice(join(folder, "corpus.txt"));
    const chosen = competitors(corpus, folder, threads).filter(
      ({ name, peer }) =>
        (cases === undefined || cases.split(",").includes(name)) &&
        (peer === undefined || peers === undefined || peers.split(",").includes(peer)),
    );
    if (chosen.some(({ name }) => name === "glove")) prepareGlove(corpus, folder);
    const measured = chosen.map((one) => ({ ...one, times: [], ownTimes: [], memory: 0 }));
    for (let pass = 0; pass < runs; pass++) {
      for (const one of measured) {
        const { seconds, own = seconds, megabytes } = one.run();
        one.times.push(seconds);
        one.ownTimes.push(own);
        one.memory = Math.max(one.memory, megabytes);
        log(`embeddings: ${one.name} ${one.peer ?? "ours"}: ${seconds.toFixed(2)} s, ${megabytes} MB`);
      }
    }
    const rows = measured
      .filter(({ peer }) => peer !== undefined)
      .map((peer) => {
        const ours = measured.find(({ name, peer: other }) => name === peer.name && other === undefined);
        const [oursMs, peerMs] = [ours, peer].map(({ times, ownTimes }) =>
          Math.round(1000 * median(peer.peer === "gensim" ? ownTimes : times)),
        );
        const memory = { oursMB: ours.memory, peerMB: peer.memory };
        return {
          case: peer.name,
          threads,
          peer: peer.peer,
          oursMs,
          peerMs,
          ratio: round(peerMs / oursMs),
          ...memory,
        };
      });
    const what =
      "word vectors, dim 100, one epoch: whole commands from text to file, against gensim counting and training; ratio above 1: ours is faster";
    return {
      what,
      corpus: SYMGRAD_CORPUS === undefined ? "first 10 MB of enwiki100m" : "SYMGRAD_CORPUS",
      runs,
      rows,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function competitors(corpus, folder, threads) {
  const out = (name) => join(folder, name);
  const word2vec = (cbow) =>
    `-train ${corpus} -cbow ${cbow} -size 100 -window 5 -negative 5 -hs 0 -sample 1e-3 -threads ${threads} -binary 1 -iter 1 -min-count 5 -debug 0`.split(
      " ",
    );
  const ours = (...args) => timed(process.execPath, [cli, "embed", ...args]);
  const train = (cbow, ...more) => {
    const timing = ours("train", ...word2vec(cbow), "-output", out("ours.bin"), "--json", ...more);
    return { ...timing, own: JSON.parse(timing.stdout).seconds };
  };
  const list = [];
  const sides = (name, own, others) => {
    list.push({ name, run: own });
    for (const [peer, there, run] of others) if (there) list.push({ name, peer, run });
  };
  const classic = (cbow) => [
    "word2vec.c",
    SYMGRAD_WORD2VEC,
    () => timed(SYMGRAD_WORD2VEC, [...word2vec(cbow), "-output", out("peer.bin")]),
  ];
  const gensim = (cbow) => ["gensim", SYMGRAD_GENSIM, () => gensimTimed(corpus, cbow ? 0 : 1, threads)];
  sides("skipgram", () => train(0), [classic(0), gensim(0)]);
  sides("skipgram-shared", () => train(0, "--shared-negatives"), [classic(0), gensim(0)]);
  sides("cbow", () => train(1), [classic(1), gensim(1)]);

  const glove = (input, save) =>
    `-save-file ${out(save)} -threads ${threads} -input-file ${out(input)} -x-max 10 -iter 1 -vector-size 100 -vocab-file ${out("vocab.txt")} -verbose 0`.split(
      " ",
    );
  const there = SYMGRAD_GLOVE;
  if (there) {
    sides("glove", () => ours("glove", ...glove("shuffled.bin", "ours")), [
      [
        "glove.c",
        there,
        () => timed(join(there, "glove"), [...glove("shuffled.bin", "peer"), "-binary", "0"]),
      ],
    ]);
  }
  const settings = ["--vector-size", "100", "--iter", "1", "--x-max", "10", "--threads", `${threads}`];
  sides("glove-pipeline", () => ours("glove", "--train", corpus, "--output", out("ours.txt"), ...settings), [
    [
      "glove.c",
      there,
      () =>
        timed("sh", [
          "-c",
          `${gloveSteps(corpus, folder)} && ${join(there, "glove")} ${glove("shuffled.bin", "peer").join(" ")} -binary 0`,
        ]),
    ],
  ]);
  return list;
}

/** GloVe's own programs up to the training. */
function gloveSteps(corpus, folder) {
  const program = (name) => join(SYMGRAD_GLOVE, name);
  return [
    `cd ${folder}`,
    `${program("vocab_count")} -min-count 5 -verbose 0 < ${corpus} > vocab.txt`,
    `${program("cooccur")} -memory 4.0 -vocab-file vocab.txt -verbose 0 -window-size 15 < ${corpus} > pairs.bin`,
    `${program("shuffle")} -memory 4.0 -verbose 0 -seed 1 < pairs.bin > shuffled.bin`,
  ].join(" && ");
}

function prepareGlove(corpus, folder) {
  execFileSync("sh", ["-c", gloveSteps(corpus, folder)], { stdio: "ignore" });
}

/** Wall seconds of a command and its peak memory, by GNU time; what it prints on stdout. */
function timed(program, args) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync("/usr/bin/time", ["-f", "%M", program, ...args], {
    encoding: "utf8",
  });
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`${program} ended with status ${status}: ${stderr}`);
  const kilobytes = Number(stderr.trim().split("\n").at(-1));
  return { seconds, megabytes: Math.round(kilobytes / 1024), stdout };
}

/** gensim's own time, without the start of Python. */
function gensimTimed(corpus, skipGram, workers) {
  const { stdout, megabytes } = timed(SYMGRAD_GENSIM, [gensimScript, corpus, `${skipGram}`, `${workers}`]);
  return { seconds: Number(stdout.trim()), megabytes };
}

function slice(path) {
  if (SYMGRAD_DATA === undefined)
    throw new Error("set SYMGRAD_CORPUS to a text, or SYMGRAD_DATA to the shared data");
  const packed = join(SYMGRAD_DATA, "embeddings", "enwiki100m.txt.xz");
  const text = execFileSync("sh", ["-c", `xz -dc '${packed}' | head -c 10000000`], { maxBuffer: 2 ** 25 });
  writeFileSync(path, text.subarray(0, text.lastIndexOf(10) + 1));
  return path;
}

function round(value) {
  return Math.round(100 * value) / 100;
}
