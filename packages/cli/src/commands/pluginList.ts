import type { SymbolicFunction } from "@symgrad/symbolic-plugins";
import type { Command } from "commander";
import { withJson, withPlugins } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  plugin?: string[];
  json?: boolean;
}

export function define(command: Command): void {
  withJson(withPlugins(command)).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { loadRegistry } = await import("../loadRegistry");
  const registry = await loadRegistry(options.plugin);
  const functions = registry.names().map((name) => describeFunction(registry.get(name)));
  printResult(options.json, { functions }, () =>
    functions
      .map(({ name, args }) =>
        [name, ...Object.entries(args).map(([argument, source]) => `  ${argument}: ${source}`)].join("\n"),
      )
      .join("\n"),
  );
}

function describeFunction({ name, args, symmetric, pure, maxLength, output }: SymbolicFunction) {
  return {
    name,
    args: Object.fromEntries(Object.entries(args).map(([argument, { source }]) => [argument, source])),
    symmetric,
    pure,
    maxLength,
    output,
  };
}
