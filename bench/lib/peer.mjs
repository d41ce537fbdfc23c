// A peer runs in a process of its own, so that its threads and its memory are its own, and answers one request at a
// time: that is how the runs of several peers are interleaved.
import { fork } from "node:child_process";

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

/** In the worker: answers every request with `handle(request)`, in order. */
export function serve(handle) {
  let queue = Promise.resolve();
  process.on("message", (request) => {
    queue = queue.then(async () => process.send(await handle(request)));
  });
}
