import type { ReaderConfig } from "@symgrad/qa-model";
import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { positiveNumber, probability, wholeNumber, withJson, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";
import { ownCommand } from "../ownCommand";
import { percent, percentNumber } from "../percent";
import { createProgress, formatDuration } from "../progress";

interface Options {
  out: string;
  eval?: string[];
  encoder?: string;
  tokenizer?: string;
  vocabularySize?: number;
  layers?: number;
  hidden?: number;
  heads?: number;
  maxTokens?: number;
  maskShare?: number;
  wholeWords?: boolean;
  nextSentence?: false;
  steps?: number;
  batchSize?: number;
  learningRate?: number;
  seed?: number;
  resume?: boolean;
  threads?: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<files...>", "text files, UTF-8 (.gz is read): blank lines between documents")
    .requiredOption(
      "--out <dir>",
      "the run directory; the encoder is left in its encoder/, as Hugging Face writes it",
    )
    .option(
      "--eval <files...>",
      "text to measure on (default: every twentieth document, which is not learned from)",
    )
    .option("--encoder <source>", "go on from a BERT: a Hugging Face folder, or a hub id")
    .option("--tokenizer <dir>", "a folder with a BERT tokenizer (default: the files' most frequent words)")
    .option(
      "--vocabulary-size <n>",
      "tokens, where the vocabulary is made here (default: 8000)",
      wholeNumber(1),
    )
    .option("--layers <n>", "layers of the encoder (default: 2)", wholeNumber(1))
    .option("--hidden <n>", "width of the encoder (default: 128)", wholeNumber(1))
    .option("--heads <n>", "attention heads a layer (default: 2)", wholeNumber(1))
    .option("--max-tokens <n>", "tokens of a text (default: 128)", wholeNumber(8))
    .option("--mask-share <r>", "share of the tokens that are hidden (default: 0.15)", probability)
    .option("--whole-words", "hide words as a whole")
    .addOption(new Option("--no-next-sentence", "learn from hidden tokens alone").default(undefined))
    .option("--steps <n>", "training steps (default: 10000)", wholeNumber(1))
    .option("--batch-size <n>", "texts a step (default: 32)", wholeNumber(1))
    .option(
      "--learning-rate <r>",
      "highest learning rate (default: 0.0005; with --encoder 0.00005)",
      positiveNumber,
    )
    .option("--seed <n>", "names texts, masks and first weights (default: 0)", wholeNumber(0));
  withJson(withThreads(command))
    .option("--resume", "go on from the newest checkpoint, with the same options")
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { initBackend } = await import("@symgrad/core");
  const { pretrainEncoder } = await import("@symgrad/qa-model");
  await initBackend({ threads: options.threads });
  const progress = await createProgress();
  const result = await abortOnInterrupt(
    (signal) =>
      pretrainEncoder({
        files,
        evaluation: options.eval,
        output: options.out,
        encoder: options.encoder,
        tokenizer: options.tokenizer,
        vocabularySize: options.vocabularySize,
        config: shapeOf(options),
        maximumTokens: options.maxTokens,
        maskShare: options.maskShare,
        wholeWords: options.wholeWords,
        nextSentence: options.nextSentence,
        steps: options.steps,
        batchSize: options.batchSize,
        learningRate: options.learningRate,
        seed: options.seed,
        resume: options.resume,
        onProgress: ({ step, steps, metrics, secondsLeft }) => {
          const note = metrics.loss === undefined ? "" : `loss ${metrics.loss.toFixed(3)}`;
          progress.update({ label: "pretraining", done: step, total: steps, secondsLeft, note });
        },
        signal,
      }),
    {
      stopping: "Stopping after this step, then writing a checkpoint",
      resume: `${ownCommand()} pretrain with the same options and --resume`,
    },
  ).finally(() => progress.stop());

  const { encoder, steps, seconds, metrics, evaluation } = result;
  const { perplexity, tokenAccuracy, nextSentenceAccuracy } = evaluation;
  const scores = {
    perplexity,
    tokenAccuracy: percentNumber(tokenAccuracy),
    nextSentenceAccuracy: percentNumber(nextSentenceAccuracy),
  };
  printResult(options.json, { encoder, steps, seconds, metrics, evaluation: scores }, () =>
    [
      `Pretrained ${steps} steps in ${formatDuration(seconds)}; the encoder is in ${encoder}`,
      `On text it did not learn from: perplexity ${perplexity.toFixed(2)}, hidden tokens guessed ${percent(tokenAccuracy)} %, next sentences ${percent(nextSentenceAccuracy)} %`,
      `Train a reader on it: ${ownCommand()} train qa --encoder ${encoder} --data FILE --out DIR`,
    ].join("\n"),
  );
}

function shapeOf({ hidden, layers, heads }: Options): Partial<ReaderConfig> {
  return {
    ...(hidden === undefined ? {} : { hidden_size: hidden, intermediate_size: 4 * hidden }),
    ...(layers === undefined ? {} : { num_hidden_layers: layers }),
    ...(heads === undefined ? {} : { num_attention_heads: heads }),
  };
}
