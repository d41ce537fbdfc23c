import type { Cooccurrences, GloVeHooks, GloVeModel, Vocabulary } from "@symgrad/embeddings";
import { type Command, Option } from "commander";
import { abortOnInterrupt, interruptedStatus } from "../interrupt";
import { type CorpusOptions, withCorpus, withCorpusOf } from "../openCorpus";
import { positiveNumber, wholeNumber, withJson } from "../options";
import { printResult, reserveStdout, say } from "../output";
import { createProgress } from "../progress";
import { resumeCommand } from "../resumeCommand";
import { pairMemory, withPairCounting } from "./embedCooccur";

interface Options extends CorpusOptions {
  train?: string[];
  inputFile?: string;
  vocabFile: string;
  saveFile: string;
  output?: string;
  minCount: number;
  vectorSize: number;
  iter: number;
  threads: number;
  xMax: number;
  alpha: number;
  eta: number;
  gradClip: number;
  model: number;
  combine?: "sum" | "mean" | "word";
  unk: boolean;
  writeHeader: number;
  windowSize: number;
  memory: number;
  temporaryFolder?: string;
  seed: number;
  saveModel?: string;
  resume?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .addOption(
      new Option("--train <file...>", "text to learn from, all in one go: plain or .gz files, - for stdin"),
    )
    .addOption(
      new Option(
        "--input-file <file>",
        "records from embed cooccur or GloVe's cooccur, shuffled or not",
      ).conflicts("train"),
    )
    .option("--vocab-file <file>", "the words of the records, and their counts", "vocab.txt")
    .option("--save-file <name>", "the vectors go to NAME.txt", "vectors")
    .option("--output <file>", "the vectors go to this file instead; its name may tell another form")
    .option("--min-count <n>", "with --train: leave out words that occur less often", wholeNumber(1), 5)
    .option("--vector-size <n>", "components of a vector", wholeNumber(1, 16_384), 50)
    .option("--iter <n>", "passes over the records", wholeNumber(1, 1e6), 25)
    .option("--threads <n>", "threads; with 1, the same seed gives the same file", wholeNumber(1, 256), 8)
    .option("--x-max <x>", "pairs of this weight count fully", positiveNumber, 100)
    .option("--alpha <exponent>", "lighter ones count as (x / x-max) to this power", positiveNumber, 0.75)
    .option("--eta <rate>", "learning rate", positiveNumber, 0.05)
    .option("--grad-clip <size>", "components of gradients are cut at this size", positiveNumber, 100)
    .option(
      "--model <1|2>",
      "2: a word's vectors as word and as context are added; 1: the first alone",
      wholeNumber(1, 2),
      2,
    )
    .addOption(
      new Option("--combine <how>", "the same by name, instead of --model").choices(["sum", "mean", "word"]),
    )
    .option("--no-unk", "write no vector <unk> for unknown words (the mean of the 100 rarest)")
    .option(
      "--write-header <0|1>",
      "begin with a line of words and dimension, as word2vec does",
      wholeNumber(0, 1),
      0,
    )
    .option("--seed <n>", "where the randomness comes from", wholeNumber(0), 1)
    .option("--save-model <file>", "write all that is needed to train on")
    .option("--resume <file>", "finish a training that was stopped, with the options it began with");
  command.addOption(new Option("--verbose <n>").argParser(wholeNumber(0, 3)).hideHelp());
  // glove.c's files that are not written or read here: only the 0 that leaves them out.
  for (const name of ["binary", "checkpoint-every", "save-gradsq", "save-init-param", "load-init-param"]) {
    command.addOption(new Option(`--${name} <0>`).argParser(wholeNumber(0, 0)).hideHelp());
  }
  command.addOption(new Option("--load-init-gradsq <0>").argParser(wholeNumber(0, 0)).hideHelp());
  for (const name of ["gradsq-file", "init-param-file", "init-gradsq-file"]) {
    command.addOption(new Option(`--${name} <file>`).hideHelp());
  }
  withJson(withCorpus(withPairCounting(command))).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { SymgradError } = await import("@symgrad/core");
  const {
    loadGloVeModel,
    loadVocabulary,
    openCooccurrences,
    saveGloVeModel,
    saveWordVectors,
    withUnknownWord,
  } = await import("@symgrad/embeddings");
  const { train, inputFile, saveFile, output = `${saveFile}.txt`, unk, writeHeader } = options;
  const began = performance.now();
  const stopped = options.resume === undefined ? undefined : await loadGloVeModel(options.resume);
  const model = await abortOnInterrupt(
    async (signal) => {
      if (train !== undefined)
        return withCorpusOf(train, options, (corpus) => pipeline(corpus, options, stopped, signal));
      if (inputFile === undefined) {
        throw new SymgradError(
          "E_USAGE",
          "nothing to learn from: neither --train nor --input-file is given.",
          {
            hint: "name a text: --train corpus.txt, or records: --input-file cooccurrence.bin --vocab-file vocab.txt",
          },
        );
      }
      return learn(
        await openCooccurrences(inputFile),
        await loadVocabulary(options.vocabFile),
        options,
        stopped,
        signal,
      );
    },
    { stopping: "Stopping, then writing the vectors as they are" },
  );
  const vectors = unk ? withUnknownWord(model.vectors) : model.vectors;
  const text = writeHeader ? "word2vec-text" : "glove";
  await saveWordVectors(vectors, output, { format: /\.txt(\.gz)?$/.test(output) ? text : undefined });
  const { complete, losses } = model;
  const saved = options.saveModel ?? (complete ? undefined : `${output}.model`);
  if (saved !== undefined) await saveGloVeModel(model, saved);
  if (!complete) {
    say(
      `Stopped after ${losses.length} of ${model.options.epochs} passes; go on with: ${resumeCommand(saved!)}`,
    );
    process.exitCode = interruptedStatus();
  }
  const seconds = (performance.now() - began) / 1000;
  const { size, dimension } = vectors;
  printResult(
    options.json,
    { file: output, words: size, dimension, losses, complete, model: saved ?? null, seconds },
    () => `${size} words x ${dimension} in ${output}; loss ${losses.at(-1)?.toFixed(6) ?? "unknown"}`,
  );
}

/** Vocabulary, pairs and training, without a file in between. */
async function pipeline(
  corpus: Parameters<Parameters<typeof withCorpusOf>[2]>[0],
  options: Options,
  stopped: GloVeModel | undefined,
  signal: AbortSignal,
) {
  const { buildVocabulary, countCooccurrences } = await import("@symgrad/embeddings");
  const { windowSize, temporaryFolder: folder, minCount } = options;
  const vocabulary = await buildVocabulary(corpus, { minCount }, { signal });
  const memory = pairMemory(options.memory);
  const counted = await countCooccurrences(corpus, vocabulary, { windowSize, memory, folder }, { signal });
  try {
    return await learn(counted, vocabulary, options, stopped, signal);
  } finally {
    await counted.dispose();
  }
}

async function learn(
  records: Cooccurrences,
  vocabulary: Vocabulary,
  options: Options,
  stopped: GloVeModel | undefined,
  signal: AbortSignal,
): Promise<GloVeModel> {
  const { key } = await import("@symgrad/core");
  const { resumeGloVe, trainGloVe } = await import("@symgrad/embeddings");
  const progress = await createProgress();
  const settings = {
    ...{ dimension: options.vectorSize, epochs: options.iter, threads: options.threads, xMax: options.xMax },
    ...{
      exponent: options.alpha,
      learningRate: options.eta,
      gradientClip: options.gradClip,
      key: key(options.seed),
    },
    ...{ combine: options.combine ?? (options.model === 1 ? ("word" as const) : ("sum" as const)) },
    ...{ memory: pairMemory(options.memory), folder: options.temporaryFolder },
  };
  const hooks: GloVeHooks = {
    signal,
    onProgress: ({ epoch, epochs, records: done, totalRecords, loss }) =>
      progress.update({
        ...{ label: "training", done: epoch * totalRecords + done, total: epochs * totalRecords },
        ...(loss !== undefined && { note: `loss ${loss.toFixed(6)}` }),
      }),
  };
  const training = stopped
    ? resumeGloVe(records, vocabulary, stopped, hooks)
    : trainGloVe(records, vocabulary, settings, hooks);
  return training.finally(() => progress.stop());
}
