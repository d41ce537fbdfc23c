import { ownCommand } from "./ownCommand";

/** What was typed, with the model that was saved in place of one resumed before. */
export function resumeCommand(model: string, typed: readonly string[] = process.argv.slice(2)): string {
  const rest = [...typed];
  const at = rest.findIndex((word) => /^--?resume(=|$)/.test(word));
  if (at >= 0) rest.splice(at, rest[at]!.includes("=") ? 1 : 2);
  return [ownCommand(), ...rest, "--resume", model].map(quoted).join(" ");
}

/** As a shell takes it for one word. */
function quoted(word: string, place: number): string {
  return place === 0 || /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
