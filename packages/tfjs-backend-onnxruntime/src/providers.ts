import { type ExecFileException, execFile } from "node:child_process";
import { createRequire } from "node:module";
import { SymgradError } from "./errors";
import { encodeModel, prune } from "./graph/encodeModel";
import { Graph } from "./graph/graph";
import { loadOnnxRuntime } from "./runtime";

/** Execution providers that sessions may run on, in the order in which `"auto"` tries them. */
export const PROVIDERS = ["cuda", "webgpu", "cpu"] as const;

export type Provider = (typeof PROVIDERS)[number];

/** One provider as a report shows it. */
export interface ProviderReport {
  name: Provider;
  available: boolean;
  /** Why it is not. */
  reason?: string;
  /** What to do about that. */
  fix?: string;
}

const FIXES: Readonly<Record<Provider, string>> = {
  cuda: "install CUDA 12 and cuDNN 9, then the provider's files: npm install onnxruntime-node --onnxruntime-node-install=cuda12 (Linux x64 only)",
  webgpu:
    "it needs a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux libvulkan.so.1 and the GPU's own driver)",
  cpu: "reinstall onnxruntime-node for this platform: npm install onnxruntime-node",
};

const MOST_SECONDS = 60;

/** Asks a provider for one sum and prints it. Drivers print and may crash: this runs in a process of its own. */
const CHILD = `
const [runtime, model, provider] = process.argv.slice(1);
const ort = require(runtime);
ort.env.logLevel = "fatal";
(async () => {
  const options = { executionProviders: [provider], logSeverityLevel: 4 };
  const session = await ort.InferenceSession.create(Buffer.from(model, "base64"), options);
  const x = new ort.Tensor("float32", Float32Array.of(1, 2), [2]);
  const results = await session.run({ [session.inputNames[0]]: x });
  process.stdout.write(JSON.stringify({ sum: Object.values(results)[0].data[1] }), () => process.exit(0));
})().catch((error) => {
  process.stdout.write(JSON.stringify({ error: String(error.message) }), () => process.exit(0));
});
`;

/** Runs a program with arguments and gives what it wrote to stdout. A parameter so that tests can stand in for a GPU. */
export type RunChild = (args: readonly string[]) => Promise<string>;

const runChild: RunChild = (args) =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { timeout: MOST_SECONDS * 1000 }, (error, stdout) => {
      if (error && stdout === "") reject(new Error(howItEnded(error)));
      else resolve(stdout);
    });
  });

function howItEnded({ killed, signal, code }: ExecFileException): string {
  if (killed) return `no answer within ${MOST_SECONDS} seconds`;
  return signal ? `signal ${signal}` : `status ${code}`;
}

/** Whether a provider computes on this machine; if not, why, and what to do. */
export async function tryProvider(name: Provider, run: RunChild = runChild): Promise<ProviderReport> {
  if (name === "cpu") return { name, available: true };
  const unavailable = (reason: string) => ({ name, available: false, reason, fix: FIXES[name] });
  const ort = await loadOnnxRuntime();
  const listed = ort.listSupportedBackends().map((backend) => backend.name);
  if (!listed.includes(name)) {
    return unavailable(
      `onnxruntime-node has none for ${process.platform}-${process.arch}, only ${listed.join(", ")}`,
    );
  }
  const graph = new Graph();
  const x = graph.input("float32", [2]);
  const sum = graph.node("Add", [x, x], x);
  const model = Buffer.from(encodeModel(prune(graph, [sum]), [sum])).toString("base64");
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  try {
    const answer = JSON.parse(await run(["-e", CHILD, runtime, model, name])) as {
      sum?: number;
      error?: string;
    };
    if (answer.sum === 4) return { name, available: true };
    return unavailable(answer.error ? lastSentence(answer.error) : `it computed 2 + 2 = ${answer.sum}`);
  } catch (error) {
    return unavailable(`the process that tried it ended: ${(error as Error).message.split("\n")[0]}`);
  }
}

/** All providers, best first. Takes a second or two: each is tried in a process of its own. */
export async function providerReport(run?: RunChild): Promise<ProviderReport[]> {
  return Promise.all(PROVIDERS.map((name) => tryProvider(name, run)));
}

/**
 * The provider to use: the one asked for, or under `"auto"` the first that works.
 *
 * @throws SymgradError `E_BACKEND` if the one asked for does not work; `E_NAME` for an unknown name.
 */
export async function chooseProvider(wish: Provider | "auto", run?: RunChild): Promise<Provider> {
  if (wish !== "auto" && !PROVIDERS.includes(wish)) {
    throw new SymgradError(
      "E_NAME",
      `registerOnnxRuntimeBackend: there is no provider "${wish}"; known are auto, ${PROVIDERS.join(", ")}.`,
    );
  }
  if (wish === "auto") {
    for (const name of PROVIDERS) if ((await tryProvider(name, run)).available) return name;
  } else {
    const { available, reason, fix } = await tryProvider(wish, run);
    if (!available) {
      throw new SymgradError("E_BACKEND", `the ${wish} provider of onnxruntime cannot be used: ${reason}.`, {
        hint: `${fix}; or leave out the provider`,
      });
    }
  }
  return wish as Provider;
}

/** ONNX Runtime's messages begin with a source file and its condition; what a user can read comes last. */
function lastSentence(message: string): string {
  return message
    .trim()
    .split(/ was false\. |\[ONNXRuntimeError\] : \d+ : \w+ : /)
    .at(-1)!
    .trim()
    .replace(/\.$/, "");
}
