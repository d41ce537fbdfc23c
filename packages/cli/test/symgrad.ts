import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Sends SIGINT once stderr or stdout matches. */
  interruptAt?: RegExp;
  /** Calls back with the process while it runs. */
  whileRunning?: (child: { kill(signal: NodeJS.Signals): boolean }) => Promise<void>;
}

/** Runs the built command line, as a user would. */
export function symgrad(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return runProgram(process.execPath, [entry, ...args], options);
}

/** Runs a shell line in which `symgrad` is the built command line. */
export function shell(line: string, options: RunOptions = {}): Promise<Outcome> {
  const define = `symgrad() { "${process.execPath}" "${entry}" "$@"; }`;
  return runProgram("bash", ["-c", `${define}; ${line}`], options);
}

function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const env = { ...process.env, ...options.env };
  const child = spawn(program, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const outcome: Outcome = { status: null, stdout: "", stderr: "" };
  let interrupted = false;
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      outcome[stream] += text;
      if (!interrupted && options.interruptAt?.test(outcome[stream])) {
        interrupted = true;
        child.kill("SIGINT");
      }
    });
  }
  void options.whileRunning?.(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ ...outcome, status }));
  });
}
