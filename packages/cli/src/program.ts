import { Command } from "commander";
import { type CommandEntry, commandTable } from "./commandTable";
import { ownPackage } from "./ownPackage";
import { exitStatus, renderError } from "./renderError";

/**
 * Runs one command line. Only the chosen command's file is imported: help and mistakes in the command's name
 * cost no more than commander itself.
 *
 * @param argv The arguments behind `symgrad`.
 * @returns The exit status: 0, 2 for the user's mistakes, 130 after Ctrl-C, 1 for a bug.
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(argv);
    const words = chooseEntry(argv)?.oneDash ? argv.map(twoDashes) : argv;
    await program.parseAsync([...words], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    process.stderr.write(renderError(error, ["symgrad", ...(chooseEntry(argv)?.path ?? [])].join(" ")));
    return exitStatus(error);
  }
}

async function buildProgram(argv: readonly string[]): Promise<Command> {
  const program = newCommand("symgrad")
    .description("Train, evaluate and inspect neural networks that call programs.")
    .version(ownPackage().version, "-V, --version", "print the version")
    .addHelpText("after", "\nHelp on one command: symgrad COMMAND --help");
  const chosen = chooseEntry(argv);
  for (const entry of commandTable) {
    let parent = program;
    for (const group of entry.path.slice(0, -1)) {
      parent = parent.commands.find((child) => child.name() === group) ?? addTo(parent, newCommand(group));
      parent.description(entry.groupSummary ?? parent.description());
    }
    const command = addTo(parent, newCommand(entry.path.at(-1)!).description(entry.summary));
    if (entry === chosen) (await entry.load()).define(command);
  }
  return program;
}

/** The command whose words open the command line; a leading `help` is skipped (`symgrad help train qa`). */
function chooseEntry(argv: readonly string[]): CommandEntry | undefined {
  const words = argv[0] === "help" ? argv.slice(1) : argv;
  return commandTable.find((entry) => entry.path.every((word, position) => words[position] === word));
}

/** `-size` is `--size`; numbers and options of one letter stay as they are. */
function twoDashes(word: string): string {
  return /^-[a-z][a-z-]+$/.test(word) ? `-${word}` : word;
}

function addTo(parent: Command, child: Command): Command {
  parent.addCommand(child);
  return child;
}

/** Mistakes are thrown, not printed: `renderError` prints all of them in one form. */
function newCommand(name: string): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showHelpAfterError(false);
}
