import type { Command } from "commander";
import { openVectors, type VectorOptions, withVectors } from "../openVectors";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options extends VectorOptions {
  json?: boolean;
}

export function define(command: Command): void {
  withJson(withVectors(command).argument("<a>", "a word").argument("<b>", "another word")).action(run);
}

async function run(file: string, a: string, b: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { similarity } = await import("@symgrad/embeddings");
  const cosine = similarity(await openVectors(file, options), a, b);
  printResult(options.json, { a, b, similarity: cosine }, () => cosine.toFixed(4));
}
