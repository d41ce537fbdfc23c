// What the scripts know about the workspace, and how they call other programs.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** The packages that are published: `{ name, folder, manifest }` each, in the order of their names. */
export function publishablePackages(from = root) {
  return readdirSync(join(from, "packages"))
    .map((directory) => join(from, "packages", directory))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) }))
    .filter(({ manifest }) => !manifest.private)
    .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }));
}

/** A program of the workspace's own `node_modules/.bin`. */
export function tool(name, from = root) {
  return join(from, "node_modules", ".bin", name);
}

/**
 * Runs a program and gives its stdout.
 * @throws Error with everything it printed if it fails.
 */
export async function run(program, args, { cwd = root, env = {} } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      printed[stream] += text;
    });
  }
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status === 0) return printed.stdout;
  throw new Error(
    `${program} ${args.join(" ")} ended with status ${status}\n${printed.stdout}${printed.stderr}`,
  );
}

/** Calls `work` with an empty folder that is gone afterwards. */
export async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "symgrad-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
