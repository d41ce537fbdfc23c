import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { type CorpusOptions, withCorpus, withCorpusOf } from "../openCorpus";
import { wholeNumber, withJson } from "../options";
import { printResult, reserveStdout, say } from "../output";

interface Options extends CorpusOptions {
  train: string[];
  output: string;
  minCount: number;
  maxVocab?: number;
  lineEnd?: boolean;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .option("--train <file...>", "text to count: plain or .gz files, - for stdin", ["-"])
    .option("--output <file>", "where a word and its count go, line by line, - for stdout", "-")
    .option("--min-count <n>", "leave out words that occur less often", wholeNumber(1), 5)
    .option("--max-vocab <n>", "keep at most so many words, the most frequent ones", wholeNumber(1))
    .option("--line-end", "count line ends as the word </s>, as word2vec.c does");
  command.addOption(new Option("--verbose <n>").hideHelp()); // vocab_count's, of no use here
  withJson(withCorpus(command)).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { buildVocabulary, formatVocabulary, saveVocabulary } = await import("@symgrad/embeddings");
  const { minCount, maxVocab, lineEnd = false } = options;
  const vocabulary = await withCorpusOf(options.train, options, (corpus) =>
    abortOnInterrupt(
      (signal) =>
        buildVocabulary(
          corpus,
          { minCount, lineEnd, ...(maxVocab !== undefined && { maxWords: maxVocab }) },
          { signal },
        ),
      { stopping: "Stopping" },
    ),
  );
  const { size, total } = vocabulary;
  if (options.output === "-" && !options.json) {
    process.stdout.write(formatVocabulary(vocabulary));
    return say(`${size} words, counted ${total} times`);
  }
  await saveVocabulary(vocabulary, options.output);
  printResult(
    options.json,
    { file: options.output, words: size, occurrences: total },
    () => `${size} words, counted ${total} times, in ${options.output}`,
  );
}
