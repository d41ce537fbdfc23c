import type { Corpus } from "@symgrad/embeddings";
import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { type CorpusOptions, withCorpus, withCorpusOf } from "../openCorpus";
import { positiveNumber, wholeNumber, withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends CorpusOptions {
  train: string[];
  output: string;
  threshold: number;
  minCount: number;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .requiredOption("--train <file...>", "text to look for phrases in: plain or .gz files, - for stdin")
    .requiredOption("--output <file>", "where the text goes, with each phrase as one word: new_york")
    .option("--threshold <score>", "pairs of words of a larger score are phrases", positiveNumber, 100)
    .option("--min-count <n>", "words and pairs that occur less often make no phrase", wholeNumber(1), 5)
    .addOption(new Option("--debug <n>").argParser(wholeNumber(0, 2)).hideHelp()); // word2phrase's, of no use here
  withJson(withCorpus(command)).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { writeFileAtomic } = await import("@symgrad/core");
  const { findPhrases, withPhrases } = await import("@symgrad/embeddings");
  const { threshold, minCount, output, unicodeErrors } = options;
  const phrases = await withCorpusOf(options.train, options, (corpus) =>
    abortOnInterrupt(
      async (signal) => {
        const found = await findPhrases(corpus, { threshold, minCount }, { signal });
        await writeFileAtomic(output, untilAborted(withPhrases(corpus, found, { unicodeErrors }), signal));
        return found;
      },
      { stopping: "Stopping" },
    ),
  );
  const count = [...phrases.values()].reduce((sum, following) => sum + following.size, 0);
  printResult(options.json, { file: output, phrases: count }, () => `${count} phrases joined in ${output}`);
}

/** A text to its end, or until the signal: then it fails, and no file appears. */
async function* untilAborted(corpus: Corpus, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { SymgradError } = await import("@symgrad/core");
  for await (const piece of corpus.open()) {
    if (signal.aborted) throw new SymgradError("E_ABORT", "stopped while writing the text; nothing is kept");
    yield piece;
  }
}
