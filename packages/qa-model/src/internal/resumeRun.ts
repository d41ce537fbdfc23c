import { RunDirectory, SymgradError } from "@symgrad/core";

/**
 * Opens a run to go on with.
 *
 * @param wanted The settings it is to go on with, as JSON has them.
 * @throws SymgradError `E_USAGE` if it began with others, which are listed.
 */
export async function resumeRun(output: string, wanted: object): Promise<RunDirectory> {
  const run = await RunDirectory.open(output);
  const stored = flatten(run.config);
  const given = flatten(wanted);
  const differences = [...new Set([...Object.keys(stored), ...Object.keys(given)])].filter(
    (name) => stored[name] !== given[name],
  );
  if (differences.length > 0) {
    const list = differences.map((name) => `${name}: ${stored[name]} then, ${given[name]} now`).join("; ");
    throw new SymgradError("E_USAGE", `this run began with other options (${list}).`, {
      where: output,
      hint: "resume with the options it began with, or train into another directory",
    });
  }
  return run;
}

function flatten(value: unknown, path = ""): Record<string, string> {
  if (typeof value !== "object" || value === null) return { [path]: JSON.stringify(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, child]) => flatten(child, path === "" ? name : `${path}.${name}`)),
  ) as Record<string, string>;
}
