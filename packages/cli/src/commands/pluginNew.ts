import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "commander";
import { withJson } from "../options";
import { printResult } from "../output";
import { ownCommand } from "../ownCommand";
import { ownPackage } from "../ownPackage";
import { pluginTemplate } from "../pluginTemplate";

interface Options {
  dir?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<name>", "the package's name on npm, such as larger or @me/larger")
    .option("--dir <folder>", "where to make it (default: a folder of that name)");
  withJson(command).action(run);
}

async function run(name: string, options: Options): Promise<void> {
  const { SymgradError } = await import("@symgrad/core");
  const [, scope, word] = /^(?:@([a-z0-9][a-z0-9._-]*)\/)?([a-z][a-z0-9._-]*)$/.exec(name) ?? [];
  if (word === undefined || name.length > 214) {
    throw new SymgradError("E_USAGE", `${JSON.stringify(name)} is no name for an npm package.`, {
      hint: "small letters, digits and dashes, a letter first: larger, my-larger, @me/larger",
    });
  }
  const folder = options.dir ?? word;
  if (existsSync(folder)) {
    throw new SymgradError("E_EXISTS", `${folder} is there already; nothing was written.`, {
      hint: "choose another name or --dir",
    });
  }
  const files = pluginTemplate({ name, scope, word, version: ownPackage().version });
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  printResult(options.json, { folder, files: Object.keys(files) }, () =>
    [
      `A plugin in ${folder}: ${Object.keys(files).join(", ")}`,
      `Write your function in ${join(folder, "src", "index.ts")}, then: ${ownCommand()} plugin test ${folder}`,
    ].join("\n"),
  );
}
