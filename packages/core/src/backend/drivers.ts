import { registerOnnxRuntimeBackend } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import type { BackendDriver } from "./backendDriver";
import { tensorflowNode } from "./tensorflowNode";
import { registerUnsortedSegmentSum } from "./unsortedSegmentSum";

const onnxruntime: BackendDriver = {
  name: "onnxruntime",
  tfName: "onnxruntime",
  fix: "reinstall onnxruntime-node for this platform: npm install onnxruntime-node",
  async load(threads) {
    await registerOnnxRuntimeBackend({ threads });
    return { version: undefined, threads };
  },
};

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
