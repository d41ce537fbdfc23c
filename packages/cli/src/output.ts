/**
 * Keeps stdout for the one JSON document: whatever else speaks through `console` (a plugin, a library) goes to
 * stderr.
 */
export function reserveStdout(): void {
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
}

/** The result of a command: with `--json` the document alone, otherwise its text for people. */
export function printResult(json: boolean | undefined, document: unknown, text: () => string): void {
  const shown = json ? JSON.stringify(document) : text();
  process.stdout.write(shown.endsWith("\n") ? shown : `${shown}\n`);
}

/** A line for the person who waits; never on stdout. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
