import { type Command, Option } from "commander";
import { describeNeighbors, openSearch, type SearchOptions, withSearch } from "../openSearch";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends SearchOptions {
  method: "3CosAdd" | "3CosMul";
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    withSearch(command)
      .argument("<a>", "a is to b as c is to the answer: man king woman")
      .argument("<b>")
      .argument("<c>")
      .addOption(
        new Option("--method <name>", "add cosines, or multiply them")
          .choices(["3CosAdd", "3CosMul"])
          .default("3CosAdd"),
      ),
  ).action(run);
}

async function run(file: string, a: string, b: string, c: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { analogy } = await import("@symgrad/embeddings");
  const search = await openSearch(file, options);
  const result = analogy(search, { positive: [b, c], negative: [a] }, options);
  printResult(options.json, { method: options.method, ...result }, () => describeNeighbors(result));
}
