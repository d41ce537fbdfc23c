import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend, type OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import { OUT_OF_MEMORY, outOfBounds } from "../kernelError";
import { Compiled } from "./compiled";
import { isTracing } from "./hostTensor";
import { flatten, type Leaf, mapLeaves } from "./leaves";
import { inOrder } from "./runQueue";
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
  /** Releases the compiled graphs, once the runs asked for before are done. Another call compiles again. */
  dispose(): Promise<void>;
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
 * Runs are strictly one after the other, those of all jitted functions together, in the order of the calls: they
 * need not be awaited in turn. Results are new tensors that the caller disposes.
 *
 * @throws SymgradError `E_TRACE` if the function reads a tensor's value, draws from Math.random, makes a Variable,
 * uses an optimizer of tf.train, is async, or uses a kernel that has no ONNX form; `E_MEMORY` if a run needs more
 * memory than there is.
 */
export function jit<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: JitOptions = {},
): JitFunction<Args, Result> {
  const name = options.name ?? (fn.name || "the function");
  const maxSignatures = options.maxSignatures ?? 32;
  if (!Number.isInteger(maxSignatures) || maxSignatures < 1) {
    throw new SymgradError(
      "E_RANGE",
      `jit: \`maxSignatures\` must be a positive integer, got ${maxSignatures}.`,
    );
  }
  const compiled = new Map<string, Compiled>();
  const stats: JitStats = { traces: 0, signatures: 0, compileMs: 0, nodes: 0 };
  /** The backend that the compiled graphs belong to. */
  let owner: OnnxRuntimeBackend | undefined;

  async function compile(backend: OnnxRuntimeBackend, args: Args): Promise<Compiled> {
    const start = performance.now();
    const traced = traceCall(backend, fn, args, name);
    const step = await Compiled.create(backend, traced).catch((cause) => {
      throw runError(name, flatten(args), cause);
    });
    stats.traces++;
    stats.nodes = step.nodes;
    stats.compileMs += performance.now() - start;
    return step;
  }

  async function release(key: string): Promise<void> {
    const step = compiled.get(key)!;
    compiled.delete(key);
    stats.signatures = compiled.size;
    await step.release();
  }

  async function releaseAll(): Promise<void> {
    for (const key of [...compiled.keys()]) await release(key);
  }

  async function run(args: Args): Promise<Result> {
    const backend = activeOnnxRuntimeBackend();
    if (!backend) return runEagerly(fn, args, name);
    // Registered anew, with other threads say: graphs of the former instance do not come along.
    if (owner !== backend) await releaseAll();
    owner = backend;
    const leaves = flatten(args);
    const key = leaves.map((leaf) => leaf.signature).join("|");
    const step = compiled.get(key) ?? (await compile(backend, args));
    compiled.delete(key);
    compiled.set(key, step);
    stats.signatures = compiled.size;
    if (compiled.size > maxSignatures) await release(compiled.keys().next().value!);
    return step.run(leaves).catch((cause) => {
      throw runError(name, leaves, cause);
    }) as Promise<Result>;
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
    return inOrder(() => run(args));
  };
  return Object.assign(jitted, { stats, dispose: () => inOrder(releaseAll) });
}

/** What ONNX Runtime says when a run fails, with the function and its arguments. Variables are as before the run. */
function runError(name: string, leaves: readonly Leaf[], cause: unknown): unknown {
  if (cause instanceof SymgradError) return cause;
  const { message } = cause as Error;
  const where = `${name}(${leaves.flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.signature] : [])).join(", ")})`;
  if (OUT_OF_MEMORY.test(message)) {
    return new SymgradError("E_MEMORY", `jit: ${name} ran out of memory: ${message}`, {
      where,
      hint: "make the batch or the sequence smaller, or dispose tensors that are no longer needed",
      cause,
    });
  }
  if (/out of data bounds/.test(message)) {
    return new SymgradError("E_KERNEL", `jit: in tf.gather of ${name}, ${outOfBounds(message)}`, {
      where,
      hint: "keep the indices between 0 and the length of the axis, minus one",
      cause,
    });
  }
  return new SymgradError("E_BACKEND", `jit: ONNX Runtime refused ${name}: ${message}`, {
    where,
    hint: "if its arguments are right, this is a fault of the backend: please report it with the function",
    cause,
  });
}

/** As the graph would: every tensor of the result is a new one. */
async function runEagerly<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  args: Args,
  name: string,
): Promise<Result> {
  let result: Result | undefined;
  tf.tidy(() => {
    const returned = fn(...args);
    refuseAsync(returned, name);
    const made: tf.Tensor[] = [];
    result = mapLeaves(returned, (leaf, original) => {
      if (leaf.kind !== "tensor") return original;
      made.push(leaf.tensor.clone());
      return made.at(-1);
    }) as Result;
    return made;
  });
  return result as Result;
}
