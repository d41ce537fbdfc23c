// One process, one backend: `node <bundle of this file> BACKEND RESULT.json [SINGLE_KERNELS]` runs tfjs-core's own tests
// on it and writes [{ name, status, messages }]. Bundled by bundle.mjs, so that the tests and the backends share one tfjs-core.
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import { registerOnnxRuntimeBackend } from "@symgrad/tfjs-backend-onnxruntime";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util";
import jasmineRequire from "jasmine-core";
import { seededRandom } from "./seededRandom.mjs";

const [backendName, resultFile, singleKernels = "auto"] = process.argv.slice(2);

const jasmine = jasmineRequire.boot();
Object.assign(globalThis, jasmineRequire.noGlobals(), { jasmine });
// The order of the tests and what they draw are the same in every run.
const env = jasmine.getEnv();
env.configure({ random: false, forbidDuplicateNames: false });
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
Math.random = seededRandom(1);

setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
setTestEnvs([{ name: "test", backendName, isDataSync: true }]);

const results = [];
env.addReporter({
  specDone({ fullName, status, failedExpectations }) {
    results.push({ name: fullName, status, messages: failedExpectations.map(({ message }) => message) });
  },
});
console.log = console.warn = console.info = () => undefined;

(async () => {
  await registerOnnxRuntimeBackend({ threads: 1, singleKernels });
  await import("@tensorflow/tfjs-core/dist/tests");
  await env.execute();
  writeFileSync(resultFile, JSON.stringify(results));
  process.exit(0);
})();
