import type {
  TrainWord2VecOptions,
  TrainWord2VecProgress,
  Word2VecModel,
  WordVectors,
} from "@symgrad/embeddings";
import { type Command, Option } from "commander";
import { abortOnInterrupt, interruptedStatus } from "../interrupt";
import { type CorpusOptions, withCorpus, withCorpusOf } from "../openCorpus";
import { vectorFormats } from "../openVectors";
import { positiveNumber, probability, wholeNumber, withJson } from "../options";
import { printResult, reserveStdout, say } from "../output";
import { createProgress, formatDuration, type Progress } from "../progress";
import { resumeCommand } from "../resumeCommand";

interface Options extends CorpusOptions {
  train: string[];
  output: string;
  preset: "word2vec" | "gensim";
  size: number;
  window: number;
  sample: number;
  hs: number;
  negative: number;
  threads?: number;
  iter: number;
  minCount: number;
  maxVocab?: number;
  alpha?: number;
  cbow: number;
  binary: number;
  format?: (typeof vectorFormats)[number];
  classes: number;
  saveVocab?: string;
  readVocab?: string;
  subsampling: "code" | "paper";
  sharedNegatives?: boolean;
  seed: number;
  saveModel?: string;
  initial?: string;
  resume?: string;
  debug: number;
  json?: boolean;
}

export function define(command: Command): void {
  const flag = wholeNumber(0, 1);
  command
    .requiredOption("--train <file...>", "text to learn from: plain or .gz files, - for stdin")
    .requiredOption("--output <file>", "where the word vectors go")
    .addOption(
      new Option("--preset <name>", "defaults of word2vec.c, or of gensim (no </s>, 3 threads, alpha 0.025)")
        .choices(["word2vec", "gensim"])
        .default("word2vec"),
    )
    .option("--size <n>", "components of a vector", wholeNumber(1, 16_384), 100)
    .option("--window <n>", "largest distance of a word and its context", wholeNumber(1, 1000), 5)
    .option("--sample <share>", "thin out words more frequent than this; 0: none", probability, 1e-3)
    .option("--hs <0|1>", "hierarchical softmax", flag, 0)
    .option("--negative <n>", "noise words for each pair; 0: none", wholeNumber(0, 1000), 5)
    .option(
      "--threads <n>",
      "threads; with 1, the same seed gives the same file (default: 12)",
      wholeNumber(1, 256),
    )
    .option("--iter <n>", "passes over the text", wholeNumber(1, 1e6), 5)
    .option("--min-count <n>", "leave out words that occur less often", wholeNumber(0), 5)
    .option("--max-vocab <n>", "keep at most so many words, the most frequent ones", wholeNumber(2))
    .option("--alpha <rate>", "learning rate at the start (default: 0.025; 0.05 for CBOW)", positiveNumber)
    .option("--cbow <0|1>", "continuous bag of words; 0: skip-gram", flag, 1)
    .option("--binary <0|1>", "write word2vec's binary form; 0: text", flag, 0)
    .addOption(
      new Option("--format <name>", "form of the output, instead of --binary")
        .choices(vectorFormats)
        .conflicts("binary"),
    )
    .option("--classes <n>", "write each word's class instead, of so many; 0: vectors", wholeNumber(0), 0)
    .option("--save-vocab <file>", "write the words and their counts")
    .option("--read-vocab <file>", "take the words from this file instead of counting the text")
    .addOption(
      new Option(
        "--subsampling <rule>",
        "how frequent words are thinned out: as word2vec.c does, or its paper says",
      )
        .choices(["code", "paper"])
        .default("code"),
    )
    .option(
      "--shared-negatives",
      "a word's pairs share their noise words: faster, another algorithm (skip-gram)",
    )
    .option("--seed <n>", "where the randomness comes from", wholeNumber(0), 1)
    .option("--save-model <file>", "write all that is needed to train on")
    .option("--initial <file>", "start from a model that --save-model wrote")
    .option("--resume <file>", "finish a training that was stopped, with the options it began with")
    .option("--debug <n>", "0: say nothing while training", wholeNumber(0, 2), 2);
  withJson(withCorpus(command)).action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  if (options.json) reserveStdout();
  const {
    loadVocabulary,
    loadWord2VecModel,
    resumeWord2Vec,
    saveVocabulary,
    saveWord2VecModel,
    saveWordVectors,
    trainWord2Vec,
  } = await import("@symgrad/embeddings");
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  const stopped = options.resume === undefined ? undefined : await loadWord2VecModel(options.resume);
  const initial = options.initial === undefined ? undefined : await loadWord2VecModel(options.initial);
  const vocabulary = options.readVocab === undefined ? undefined : await loadVocabulary(options.readVocab);
  const settings = await trainingOptions(options, given);
  const progress = await createProgress();
  const began = performance.now();
  const model = await withCorpusOf(options.train, options, (corpus) =>
    abortOnInterrupt(
      (signal) => {
        const hooks = { signal, ...(options.debug > 0 && { onProgress: show(progress) }) };
        const more = { ...(vocabulary && { vocabulary }), ...(initial && { initial }) };
        return stopped
          ? resumeWord2Vec(corpus, stopped, hooks)
          : trainWord2Vec(corpus, { ...settings, ...more }, hooks);
      },
      { stopping: "Stopping, then writing the vectors as they are" },
    ),
  ).finally(() => progress.stop());
  const seconds = (performance.now() - began) / 1000;

  const format = formatOf(options, given);
  if (options.classes > 0) await saveClasses(model.vectors, options);
  else await saveWordVectors(model.vectors, options.output, { format });
  if (options.saveVocab !== undefined) await saveVocabulary(model.vocabulary, options.saveVocab);
  const { complete, words } = model.progress;
  const saved = options.saveModel ?? (complete ? undefined : `${options.output}.model`);
  if (saved !== undefined) await saveWord2VecModel(model, saved);
  if (!complete) {
    say(`Stopped after ${words} words; go on with: ${resumeCommand(saved!)}`);
    process.exitCode = interruptedStatus();
  }
  printResult(options.json, documentOf(model, options.output, saved, seconds), () => {
    const { size, dimension } = model.vectors;
    const read = words - (stopped?.progress.words ?? 0);
    return `${size} words x ${dimension} in ${options.output}; ${read} words read in ${formatDuration(seconds)}`;
  });
}

async function trainingOptions(
  options: Options,
  given: (name: string) => boolean,
): Promise<TrainWord2VecOptions> {
  const { key } = await import("@symgrad/core");
  const gensim = options.preset === "gensim";
  const { alpha } = options;
  // gensim's one rate for both architectures, the least one it falls to, and its wider start.
  const ofGensim = gensim
    ? { learningRate: alpha ?? 0.025, minLearningRate: Math.min(1e-4, alpha ?? 0.025), initialRange: 1 }
    : {};
  return {
    architecture: options.cbow ? "cbow" : "skip-gram",
    dimension: options.size,
    windowSize: options.window,
    sample: options.sample,
    subsampling: options.subsampling,
    hierarchicalSoftmax: options.hs === 1,
    // In word2vec.c `-hs 1` adds to negative sampling, unless `-negative 0` is given; in gensim it takes its place.
    negativeSamples: gensim && options.hs === 1 && !given("negative") ? 0 : options.negative,
    sharedNegatives: options.sharedNegatives ?? false,
    threads: options.threads ?? (gensim ? 3 : 12),
    epochs: options.iter,
    minCount: Math.max(1, options.minCount), // word2vec.c and gensim take 0, too
    ...(options.maxVocab !== undefined && { maxWords: options.maxVocab }),
    lineEnd: !gensim,
    sentenceWords: gensim ? 10_000 : 1000,
    key: key(options.seed),
    ...(alpha !== undefined && { learningRate: alpha }),
    ...ofGensim,
  };
}

/** As word2vec.c writes them: a word and the number of its class on each line. */
async function saveClasses(vectors: WordVectors, { output, classes }: Options): Promise<void> {
  const { writeFileAtomic } = await import("@symgrad/core");
  const { wordClasses } = await import("@symgrad/embeddings");
  const classOf = wordClasses(vectors, { classes });
  await writeFileAtomic(output, vectors.words.map((word, row) => `${word} ${classOf[row]}\n`).join(""));
}

function formatOf({ format, binary, output }: Options, given: (name: string) => boolean): Options["format"] {
  if (format !== undefined) return format;
  if (!given("binary") && /\.(safetensors|tsv)$/.test(output)) return undefined; // the name tells
  return binary ? "word2vec-binary" : "word2vec-text";
}

function show(progress: Progress): (state: TrainWord2VecProgress) => void {
  return ({ phase, words, totalWords, wordsPerSecond }) => {
    if (phase === "vocabulary") return;
    const note = `${Math.round(wordsPerSecond / 1000)},000 words a second`;
    progress.update({ label: "training", done: words, total: totalWords!, note });
  };
}

function documentOf(
  { vectors, progress }: Word2VecModel,
  output: string,
  model: string | undefined,
  seconds: number,
) {
  const { words, epoch, complete } = progress;
  return {
    ...{ file: output, words: vectors.size, dimension: vectors.dimension },
    ...{ wordsRead: words, epochs: epoch, complete, model: model ?? null, seconds },
  };
}
