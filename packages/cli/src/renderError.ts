import { CommanderError } from "commander";
import { interruptedStatus } from "./interrupt";

/**
 * What stderr shows for anything thrown. Three kinds: a mistake in the command line (`E_USAGE`), a condition
 * the library reports (`E_CODE sentence / Where / Do`), and a bug (with its stack).
 *
 * @param command Whose help to point at, such as `symgrad train qa`.
 */
export function renderError(error: unknown, command = "symgrad"): string {
  if (isCommanderError(error)) return isAnswer(error) ? "" : usageMistake(error, command);
  if (isReported(error)) return `symgrad: ${error.message}\n`;
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  return `symgrad: this is a bug in symgrad, not in your command.\n${stack}\n  Do: please report it with the lines above\n`;
}

/** 0 for help and version, 2 for what the user can mend, 130 (143) for Ctrl-C (SIGTERM), 1 for bugs. */
export function exitStatus(error: unknown): number {
  if (isCommanderError(error)) return isAnswer(error) ? 0 : 2;
  if (!isReported(error)) return 1;
  return error.code === "E_ABORT" ? interruptedStatus() : 2;
}

/**
 * Every error of the library carries a stable code `E_...`. Told by its shape, not by its class, because a plugin
 * may bring its own copy of the library, and because importing the class would load TensorFlow.js.
 */
function isReported(error: unknown): error is Error & { code: string } {
  return error instanceof Error && "code" in error && String(error.code).startsWith("E_");
}

function isCommanderError(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

/** commander throws to stop after it printed help or the version as asked. */
function isAnswer(error: CommanderError): boolean {
  return error.exitCode === 0;
}

function usageMistake(error: CommanderError, command: string): string {
  // A group without a command ("symgrad train"): commander has printed the group's help.
  if (error.code === "commander.help") return "";
  const [sentence, ...suggestion] = error.message.replace(/^error: /, "").split("\n");
  const advice = suggestion.join(" ").replace(/[()]/g, "").trim();
  return `symgrad: E_USAGE ${sentence}\n  Do: ${advice || `see ${command} --help`}\n`;
}
