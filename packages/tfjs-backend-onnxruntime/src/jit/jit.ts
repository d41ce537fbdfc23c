import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend, type OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import { Compiled } from "./compiled";
import { isTracing } from "./hostTensor";
import { flatten } from "./leaves";
import { refuseAsync, traceCall } from "./traceCall";

export interface JitOptions {
  /** Shown in errors. Default: the function's own name. */
  name?: string;
  /** Compiled graphs kept, one per combination of shapes; the least recently used one goes first. Default 32. */
  maxSignatures?: number;
}

export interface JitStats {
  /** How often the function was traced. */
  traces: number;
  /** Graphs kept at present. */
  signatures: number;
  /** Milliseconds spent tracing and compiling. */
  compileMs: number;
  /** Nodes of the last compiled graph. */
  nodes: number;
}

export interface JitFunction<Args extends unknown[], Result> {
  (...args: Args): Promise<Result>;
  /** Releases the compiled graphs. */
  dispose(): void;
  readonly stats: Readonly<JitStats>;
}

/**
 * Compiles a function of tensors: its first call with some shapes records every TensorFlow.js kernel it runs
 * (gradients and variable updates included) as one ONNX graph, and each later call with these shapes is one session
 * run. On a backend that cannot trace, the function simply runs, with the same results.
 *
 * Tensors may sit in nested arrays, plain objects and Maps of the arguments and of the result. Numbers, strings,
 * booleans and other objects are part of the signature: another value means another trace, so what changes at every
 * call (a learning rate) must be a tensor. Variables are state: read at every run, updated where the function
 * assigns them. Other tensors that the function closes over are read at every run too.
 *
 * Results are new tensors that the caller disposes.
 *
 * @throws SymgradError `E_TRACE` if the function reads a tensor's value, draws from Math.random, makes a Variable,
 * is async, or uses a kernel that has no ONNX form.
 */
export function jit<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: JitOptions = {},
): JitFunction<Args, Result> {
  const name = options.name ?? (fn.name || "the function");
  const maxSignatures = options.maxSignatures ?? 32;
  const compiled = new Map<string, Promise<Compiled>>();
  const stats: JitStats = { traces: 0, signatures: 0, compileMs: 0, nodes: 0 };
  // Runs are strictly one after the other: the next one reads the variables that this one writes.
  let queue: Promise<unknown> = Promise.resolve();

  async function compile(backend: OnnxRuntimeBackend, args: Args): Promise<Compiled> {
    const start = performance.now();
    const step = await Compiled.create(backend, traceCall(backend, fn, args, name));
    stats.traces++;
    stats.nodes = step.nodes;
    stats.compileMs += performance.now() - start;
    return step;
  }

  async function run(args: Args): Promise<Result> {
    const backend = activeOnnxRuntimeBackend();
    if (!backend) return runEagerly(fn, args, name);
    const leaves = flatten(args);
    const key = leaves.map((leaf) => leaf.signature).join("|");
    let entry = compiled.get(key);
    if (!entry) {
      entry = compile(backend, args);
      entry.catch(() => compiled.delete(key));
    }
    compiled.delete(key);
    compiled.set(key, entry);
    if (compiled.size > maxSignatures) {
      const [oldest, stale] = compiled.entries().next().value!;
      compiled.delete(oldest);
      void stale.then(
        (old) => old.release(),
        () => undefined,
      );
    }
    const step = await entry;
    stats.signatures = compiled.size;
    return step.run(leaves) as Promise<Result>;
  }

  const jitted = (...args: Args): Promise<Result> => {
    if (isTracing()) {
      return Promise.reject(
        new SymgradError(
          "E_TRACE",
          `jit: ${name} is jitted and was called while another function is traced.`,
          {
            hint: "call the plain function inside; only the outermost one needs jit",
          },
        ),
      );
    }
    const result = queue.then(() => run(args));
    queue = result.catch(() => undefined);
    return result;
  };
  return Object.assign(jitted, {
    stats,
    dispose() {
      for (const entry of compiled.values())
        void entry.then(
          (step) => step.release(),
          () => undefined,
        );
      compiled.clear();
      stats.signatures = 0;
    },
  });
}

async function runEagerly<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  args: Args,
  name: string,
): Promise<Result> {
  let result: Result | undefined;
  tf.tidy(() => {
    result = fn(...args);
    refuseAsync(result, name);
    return flatten(result).flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor] : []));
  });
  return result as Result;
}
