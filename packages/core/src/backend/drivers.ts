import {
  onnxRuntimeVersion,
  type Provider,
  providerReport,
  registerOnnxRuntimeBackend,
} from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { BackendDriver } from "./backendDriver";
import { tensorflowNode } from "./tensorflowNode";
import { registerUnsortedSegmentSum } from "./unsortedSegmentSum";

const onnxruntime: BackendDriver = {
  name: "onnxruntime",
  tfName: "onnxruntime",
  fix: "reinstall onnxruntime-node for this platform: npm install onnxruntime-node",
  async load(threads, provider = registered()?.provider ?? "cpu") {
    refuseOtherThreads(threads);
    await registerOnnxRuntimeBackend({ threads, provider });
    return { version: await onnxRuntimeVersion(), threads, provider: registered()!.provider };
  },
  providers: () => providerReport(),
};

function registered() {
  return tf.findBackend("onnxruntime") as unknown as
    | { threads: number; provider: Provider; numDataIds(): number }
    | undefined;
}

/** Other threads mean another instance, and the values of the tensors on this one would be gone. */
function refuseOtherThreads(threads: number): void {
  const backend = registered();
  if (!backend || backend.threads === threads || backend.numDataIds() === 0) return;
  throw new SymgradError(
    "E_RANGE",
    `initBackend: onnxruntime runs with threads = ${backend.threads} and holds tensors; it cannot change to ${threads}.`,
    { hint: "give `threads` in the first call of initBackend, before any tensor is made" },
  );
}

const wasm: BackendDriver = {
  name: "wasm",
  tfName: "wasm",
  fix: "reinstall it: npm install @tensorflow/tfjs-backend-wasm",
  async load() {
    const module = await import("@tensorflow/tfjs-backend-wasm"); // registers itself
    registerUnsortedSegmentSum();
    return { version: module.version_wasm, threads: 1 }; // it has no threads in Node
  },
};

const cpu: BackendDriver = {
  name: "cpu",
  tfName: "cpu",
  fix: "reinstall @tensorflow/tfjs, which holds it",
  async load() {
    const backend = tf.findBackend("cpu") as { firstUse?: boolean } | null;
    // Its first tensor prints an advertisement for tfjs-node, which is known here and may have been passed over.
    if (backend?.firstUse) backend.firstUse = false;
    return { version: tf.version["tfjs-backend-cpu"] ?? tf.version.tfjs, threads: 1 };
  },
};

/** Every backend, best first. */
export const DRIVERS: readonly BackendDriver[] = [
  tensorflowNode("tfjs-node-gpu"),
  tensorflowNode("tfjs-node"),
  onnxruntime,
  wasm,
  cpu,
];
