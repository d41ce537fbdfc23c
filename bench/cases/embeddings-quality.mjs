// Do our word vectors mean as much as the peers'? The same text and settings, 5 epochs, dim 100, one thread, three seeds
// each; scores of `symgrad embed eval` on every set of SYMGRAD_DATA/embeddings. Equal: our mean is not below the peer's by
// more than the peer's largest score less its smallest. Trainings that the results file holds are not run again: a stopped
// run goes on where it was. Peers that are not there are left out (their variables: ./embeddings.mjs).
//
//   npm run bench -- embeddings-quality [--seeds 1,2,3] [--cases skipgram,cbow,...] [--peers gensim,...]
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "@symgrad/core";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const file = path("../results/embeddings-quality.json");
const cli = path("../../packages/cli/dist/cli.js");
const gensimScript = path("../lib/gensimTrain.py");
const { SYMGRAD_WORD2VEC, SYMGRAD_GLOVE, SYMGRAD_GENSIM, SYMGRAD_CORPUS, SYMGRAD_DATA } = process.env;
const EPOCHS = 5;

/** What is compared with what, the most telling first. A form "a/b" is an algorithm and the settings' origin. */
const COMPARISONS = [
  { case: "skipgram", ours: "skipgram/gensim", peer: "gensim", theirs: "skipgram" },
  { case: "cbow", ours: "cbow/gensim", peer: "gensim", theirs: "cbow" },
  { case: "skipgram-shared", ours: "skipgram-shared/gensim", peer: "gensim", theirs: "skipgram" },
  { case: "glove", ours: "glove", peer: "glove.c", theirs: "glove" },
  { case: "skipgram", ours: "skipgram/word2vec", peer: "word2vec.c", theirs: "skipgram" },
  { case: "cbow", ours: "cbow/word2vec", peer: "word2vec.c", theirs: "cbow" },
];

export async function run({ seeds = "1,2,3", cases, peers, log }) {
  const folder = mkdtempSync(join(tmpdir(), "symgrad-quality-"));
  const chosen = COMPARISONS.filter(
    (one) =>
      (cases === undefined || cases.split(",").includes(one.case)) &&
      (peers === undefined || peers.split(",").includes(one.peer)) &&
      { gensim: SYMGRAD_GENSIM, "word2vec.c": SYMGRAD_WORD2VEC, "glove.c": SYMGRAD_GLOVE }[one.peer],
  );
  try {
    const corpus = SYMGRAD_CORPUS ?? unpack(join(folder, "corpus.txt"));
    for (const { ours, peer, theirs } of chosen) {
      for (const seed of seeds.split(",").map(Number)) {
        for (const wanted of [
          { by: "ours", form: ours, seed },
          { by: peer, form: theirs, seed },
        ]) {
          const same = (one) => one.by === wanted.by && one.form === wanted.form && one.seed === wanted.seed;
          if ((await storedTrainings()).some(same)) continue;
          const scores = await scoresOf(wanted, corpus, folder);
          log(`embeddings-quality: ${JSON.stringify({ ...wanted, scores })}`);
          const trainings = [...(await storedTrainings()), { ...wanted, scores }];
          await writeFileAtomic(file, `${JSON.stringify(summary(trainings), null, 1)}\n`);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return summary(await storedTrainings());
}

/** Trains, evaluates, and gives `{ set: [score, covered, total] }`. */
async function scoresOf({ by, form, seed }, corpus, folder) {
  const vectors = join(folder, by === "ours" ? "ours.bin" : "peer.bin");
  const text = join(folder, "vectors.txt");
  const [algorithm, preset] = form.split("/");
  const glove = algorithm === "glove";
  if (by === "ours" && glove) {
    const settings = `--vector-size 100 --iter ${EPOCHS} --x-max 10 --threads 1 --seed ${seed} --no-unk`;
    ours("glove", "--train", corpus, "--output", text, ...settings.split(" "));
  } else if (by === "ours") {
    ours("train", "-train", corpus, "-output", vectors, ...word2vec(algorithm), "-iter", `${EPOCHS}`, [
      ...["--preset", preset, "--seed", `${seed}`],
      ...(algorithm === "skipgram-shared" ? ["--shared-negatives"] : []),
    ]);
  } else if (by === "gensim") {
    const skipGram = algorithm === "cbow" ? "0" : "1";
    execute(SYMGRAD_GENSIM, [gensimScript, corpus, skipGram, "1", `${EPOCHS}`, `${seed}`, vectors]);
  } else if (by === "glove.c") {
    trainGlove(corpus, folder, seed);
  } else {
    const epochs = join(folder, "epochs.txt");
    await writeEpochs(corpus, seed, epochs);
    execute(SYMGRAD_WORD2VEC, [
      ...["-train", epochs, "-output", vectors, ...word2vec(algorithm)],
      ...["-iter", "1", "-min-count", `${5 * EPOCHS}`],
    ]);
    rmSync(epochs);
  }
  const { rows } = JSON.parse(ours("eval", glove ? text : vectors, "--json"));
  return Object.fromEntries(rows.map(({ set, score, covered, total }) => [set, [score, covered, total]]));
}

function word2vec(algorithm) {
  const cbow = algorithm === "cbow" ? 1 : 0;
  return `-cbow ${cbow} -size 100 -window 5 -negative 5 -hs 0 -sample 1e-3 -threads 1 -binary 1 -debug 0`.split(
    " ",
  );
}

function trainGlove(corpus, folder, seed) {
  const program = (name) => join(SYMGRAD_GLOVE, name);
  const steps = [
    `cd ${folder}`,
    `${program("vocab_count")} -min-count 5 -verbose 0 < ${corpus} > vocab.txt`,
    `${program("cooccur")} -memory 2.0 -vocab-file vocab.txt -verbose 0 -window-size 15 < ${corpus} > pairs.bin`,
    `${program("shuffle")} -memory 2.0 -verbose 0 -seed ${seed} < pairs.bin > shuffled.bin`,
    "rm pairs.bin",
    `${program("glove")} -input-file shuffled.bin -vocab-file vocab.txt -save-file vectors -threads 1 -x-max 10 -iter ${EPOCHS} -vector-size 100 -seed ${seed} -binary 0 -verbose 0`,
    "rm shuffled.bin",
  ];
  execute("sh", ["-c", steps.join(" && ")]);
}

/**
 * word2vec.c reads a text once only, whatever -iter says (its `eof` stays set), and has no seed: it is given the text
 * five times over, from another line on for another seed.
 */
async function writeEpochs(corpus, seed, output) {
  const text = await readFile(corpus);
  const start = text.indexOf(10, Math.floor(((seed - 1) * text.length) / 3)) + 1;
  const descriptor = openSync(output, "w");
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    writeFileSync(descriptor, text.subarray(start));
    writeFileSync(descriptor, text.subarray(0, start));
  }
  closeSync(descriptor);
}

function ours(command, ...args) {
  return execute(process.execPath, [cli, "embed", command, ...args.flat()]);
}

function execute(program, args) {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], env });
}

function summary(trainings) {
  return {
    what: "scores of word vectors (Spearman x 100; percent of analogies), mean of the seeds",
    settings: `${EPOCHS} epochs of enwiki100m, dim 100, window 5 (GloVe 15), 5 negatives, sample 1e-3, min count 5, x-max 10, one thread`,
    command: "npm run bench -- embeddings-quality",
    rows: COMPARISONS.flatMap((comparison) => rowsOf(comparison, trainings)),
    trainings,
  };
}

function rowsOf({ case: name, ours, peer, theirs }, trainings) {
  const scores = (by, form) =>
    trainings.filter((one) => one.by === by && one.form === form).map((one) => one.scores);
  const [own, other] = [scores("ours", ours), scores(peer, theirs)];
  if (own.length === 0 || other.length === 0) return [];
  return Object.entries(other[0]).map(([set, [, covered, total]]) => {
    const [a, b] = [own, other].map((all) => all.map((one) => one[set][0]));
    const spread = Math.max(...b) - Math.min(...b);
    const [oursMean, peerMean] = [mean(a), mean(b)];
    return {
      ...{ case: name, peer, set, covered, total, seeds: Math.min(a.length, b.length) },
      ...{ ours: round(oursMean), theirs: round(peerMean), spread: round(spread) },
      equal: oursMean >= peerMean - spread,
    };
  });
}

async function storedTrainings() {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? [] : JSON.parse(text).trainings;
}

function unpack(output) {
  if (SYMGRAD_DATA === undefined) throw new Error("set SYMGRAD_DATA to the shared data");
  const packed = join(SYMGRAD_DATA, "embeddings", "enwiki100m.txt.xz");
  execFileSync("sh", ["-c", `xz -dc '${packed}' > '${output}'`]);
  return output;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function round(value) {
  return Math.round(100 * value) / 100;
}
