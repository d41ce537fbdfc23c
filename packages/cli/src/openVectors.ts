import type { LoadWordVectorsOptions, WordVectors, WordVectorsFormat } from "@symgrad/embeddings";
import { type Command, Option } from "commander";
import { wholeNumber } from "./options";

/** The library's `wordVectorsFormats`, known without loading it. */
export const vectorFormats = [
  "word2vec-text",
  "word2vec-binary",
  "glove",
  "safetensors",
  "projector",
] as const satisfies readonly WordVectorsFormat[];

/** How a file of word vectors is read: the same options on every command that reads one. */
export type VectorOptions = Pick<LoadWordVectorsOptions, "format" | "limit" | "unicodeErrors" | "duplicates">;

/** The argument `<vectors>` and its options. */
export function withVectors(command: Command): Command {
  return command
    .argument("<vectors>", "a file of word vectors, plain or .gz")
    .addOption(
      new Option("--format <name>", "its form (default: told from its contents)").choices(vectorFormats),
    )
    .option("--limit <n>", "read the first n words only", wholeNumber(1))
    .addOption(
      new Option("--unicode-errors <how>", "words that are not UTF-8")
        .choices(["refuse", "replace"])
        .default("refuse"),
    )
    .addOption(
      new Option("--duplicates <how>", "words that come again: refuse the file, or keep the first of each")
        .choices(["refuse", "first"])
        .default("refuse"),
    );
}

/** Reads the file that the command was given. */
export async function openVectors(
  file: string,
  { format, limit, unicodeErrors, duplicates }: VectorOptions,
): Promise<WordVectors> {
  const { loadWordVectors } = await import("@symgrad/embeddings");
  return loadWordVectors(file, { format, limit, unicodeErrors, duplicates });
}
