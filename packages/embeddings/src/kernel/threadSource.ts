/**
 * What a thread runs, in Node and in browsers: text, so that no bundler has to find a file. The first message is a
 * module and the memory; each later one a call, answered with its result or its error.
 */
export const threadSource = `
const port = typeof require === "function" ? require("node:worker_threads").parentPort : self;
let exports;
port.onmessage = ({ data }) => {
  try {
    if (data.module) exports = new WebAssembly.Instance(data.module, { env: { memory: data.memory } }).exports;
    port.postMessage({ value: data.module ? 0 : exports[data.name](...data.args) });
  } catch (error) {
    port.postMessage({ error: String(error) });
  }
};
`;
