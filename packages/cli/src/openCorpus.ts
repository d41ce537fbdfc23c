import type { Corpus } from "@symgrad/embeddings";
import type { Command } from "commander";
import { Option } from "commander";

export interface CorpusOptions {
  lowerCase?: boolean;
  unicodeErrors?: "refuse" | "replace";
}

/** How text is read, the same on every command that reads some. */
export function withCorpus(command: Command): Command {
  return command
    .option("--lower-case", "put the text in lower case")
    .addOption(
      new Option(
        "--unicode-errors <what>",
        "bytes that are not UTF-8: refuse the text (default), or replace them",
      ).choices(["refuse", "replace"]),
    );
}

/** Text files, plain or .gz, or `-` for stdin, for as long as `work` takes. */
export async function withCorpusOf<T>(
  files: readonly string[],
  { lowerCase, unicodeErrors }: CorpusOptions,
  work: (corpus: Corpus) => Promise<T>,
): Promise<T> {
  const { lowerCased, mapText, spooled, textFiles } = await import("@symgrad/embeddings");
  const copy = files.includes("-") ? await spooled(process.stdin) : undefined;
  try {
    const corpus = copy ?? textFiles(...files);
    if (lowerCase) return await work(lowerCased(corpus, { unicodeErrors }));
    if (unicodeErrors === "replace") return await work(mapText(corpus, (text) => text, { unicodeErrors }));
    return await work(corpus);
  } finally {
    await copy?.dispose();
  }
}
