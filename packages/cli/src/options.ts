import { type Command, InvalidArgumentError } from "commander";

/** `--json`, the same words on every command. */
export function withJson(command: Command): Command {
  return command.option("--json", "print one JSON document on stdout, everything else on stderr");
}

/** `--threads`, for every command that computes. */
export function withThreads(command: Command): Command {
  return command.option(
    "--threads <n>",
    "threads to compute with (default: all cores)",
    wholeNumber(1, 1024),
  );
}

/** `--plugin`, for every command that calls symbolic functions. */
export function withPlugins(command: Command): Command {
  return command.option(
    "--plugin <module>",
    "load symbolic functions from this file, folder or installed package (may be repeated)",
    (path: string, before: string[] = []) => [...before, path],
  );
}

/** A parser of whole numbers between `min` and `max`, both included. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`Expected a whole number, ${range}.`);
  };
}

/** A parser of numbers. */
export function anyNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number.");
}

/** A parser of numbers above 0. */
export function positiveNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** A parser of probabilities, 0 and 1 included. */
export function probability(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("Expected a number from 0 to 1.");
}
