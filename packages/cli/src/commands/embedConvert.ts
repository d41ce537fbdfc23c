import { type Command, Option } from "commander";
import { openVectors, type VectorOptions, vectorFormats, withVectors } from "../openVectors";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends VectorOptions {
  to?: (typeof vectorFormats)[number];
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    withVectors(command)
      .argument("<out>", "where the vectors go; compressed if it ends in .gz")
      .addOption(new Option("--to <form>", "its form (default: by its name)").choices(vectorFormats)),
  ).action(run);
}

async function run(file: string, out: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { saveWordVectors } = await import("@symgrad/embeddings");
  const vectors = await openVectors(file, options);
  await saveWordVectors(vectors, out, { format: options.to });
  const { size: words, dimension } = vectors;
  printResult(
    options.json,
    { file: out, words, dimension },
    () => `${words} words x ${dimension} numbers in ${out}`,
  );
}
