// A peer runs in a process of its own, so that its threads and its memory are its own, and answers one request at a
// time: that is how the runs of several peers are interleaved.
import { fork, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** @returns `{ ask(request), stop() }`; `ask` resolves with what the worker answers. */
export function startPeer(script, settings) {
  const child = fork(script, [JSON.stringify(settings)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  let settle;
  child.on("message", (answer) => settle?.resolve(answer));
  child.on("exit", (code) =>
    settle?.reject(new Error(`${script} ${JSON.stringify(settings)} ended with status ${code}`)),
  );
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        child.send(request);
      });
    },
    stop() {
      settle = undefined;
      child.kill();
    },
  };
}

/** As `startPeer`, for a Python script that reads and writes one line of JSON per request. */
export function startPython(python, script, settings) {
  const child = spawn(python, [script, JSON.stringify(settings)], { stdio: ["pipe", "pipe", "inherit"] });
  let settle;
  createInterface({ input: child.stdout }).on("line", (line) => settle?.resolve(JSON.parse(line)));
  child.on("exit", (code) => settle?.reject(new Error(`${script} ended with status ${code}`)));
  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        settle = { resolve, reject };
        child.stdin.write(`${JSON.stringify(request)}\n`);
      });
    },
    stop() {
      settle = undefined;
      child.kill();
    },
  };
}

/** In the worker: answers every request with `handle(request)`, in order. */
export function serve(handle) {
  let queue = Promise.resolve();
  process.on("message", (request) => {
    queue = queue.then(async () => process.send(await handle(request)));
  });
}
