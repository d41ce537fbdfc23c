import * as tf from "@tensorflow/tfjs";
import type { OnnxRuntimeBackend } from "../backend";
import { SymgradError } from "../errors";
import type { Value } from "../graph/graph";
import { Trace } from "../trace";
import { holdData, releaseData } from "./heldData";
import { hostArgument } from "./hostArgument";
import { isPlainObject, mapLeaves } from "./leaves";

/** What one call of the function recorded. */
export interface TracedCall {
  /** The function's, for errors. */
  name: string;
  trace: Trace;
  results: Value[];
  /** Variables that the function assigned, what, and the graph's input with their value before, if it was read. */
  state: { variable: tf.Variable; value: Value; before: Value | undefined }[];
  hosts: { bind(actual: unknown): void }[];
  rebuild: (tensors: readonly tf.Tensor[]) => unknown;
}

/** Calls the function once with symbols in place of tensors and leaves every variable as it was. */
export function traceCall(
  backend: OnnxRuntimeBackend,
  fn: (...args: never[]) => unknown,
  args: readonly unknown[],
  name: string,
  { shapesVary = false } = {},
): TracedCall {
  const registered = tf.engine().registeredVariables;
  const before = new Map(Object.values(registered).map((variable) => [variable, variable.dataId as object]));
  const trace = new Trace(backend, before);
  trace.graph.shapesVary = shapesVary;
  if (!shapesVary) trace.graph.threads = backend.threads;
  const hosts: { bind(actual: unknown): void }[] = [];
  // Assigning releases a variable's old data; hold it until the variable has it back.
  for (const dataId of before.values()) holdData(dataId);
  let traced: TracedCall | undefined;
  try {
    tf.tidy(() => {
      let tensorIndex = 0;
      const symbols = mapLeaves(args, (leaf, original) => {
        if (leaf.kind === "tensor") {
          return tf
            .engine()
            .makeTensorFromTensorInfo(trace.argument(tensorIndex++, leaf.tensor.shape, leaf.tensor.dtype));
        }
        if (leaf.kind === "host") {
          const { placeholder, bind } = leaf.argument[hostArgument]();
          hosts.push({ bind });
          return placeholder;
        }
        return original;
      }) as never[];
      const result = backend.record(trace, () => fn(...symbols));
      refuseAsync(result, name, trace.refusal);
      if (trace.refusal) throw trace.refusal;
      const results: Value[] = [];
      const template = mapLeaves(result, (leaf, original) => {
        if (leaf.kind !== "tensor") return original;
        if (leaf.tensor.dtype === "complex64") {
          throw new SymgradError("E_DTYPE", `jit: ${name} returned a tensor of complex numbers.`, {
            hint: "return tf.real and tf.imag of it, and join them outside with tf.complex",
          });
        }
        results.push(trace.value(leaf.tensor));
        return new ResultSlot(results.length - 1);
      });
      const state = [...before]
        .filter(([variable, dataId]) => variable.dataId !== dataId)
        .map(([variable]) => ({
          variable,
          value: trace.value(variable),
          before: trace.before(variable),
        }));
      traced = { name, trace, results, state, hosts, rebuild: (tensors) => fill(template, tensors) };
    });
    return traced!;
  } finally {
    restore(before);
  }
}

/** @param reason Why the function is refused anyway. */
export function refuseAsync(result: unknown, name: string, reason?: SymgradError): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => undefined); // nobody waits for it any more
  throw (
    reason ??
    new SymgradError("E_TRACE", `jit: ${name} returned a promise.`, {
      hint: "make it synchronous; await what it needs before the call and pass that as arguments",
    })
  );
}

/** Where a result's container holds a tensor: the position among the graph's outputs. */
class ResultSlot {
  constructor(readonly index: number) {}
}

/** Puts tensors into the slots of a result's containers. */
function fill(template: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (template instanceof ResultSlot) return tensors[template.index];
  if (Array.isArray(template)) return template.map((item) => fill(item, tensors));
  if (template instanceof Map) return new Map([...template].map(([key, item]) => [key, fill(item, tensors)]));
  if (template !== null && typeof template === "object" && isPlainObject(template)) {
    return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fill(item, tensors)]));
  }
  return template;
}

function restore(before: ReadonlyMap<tf.Variable, object>): void {
  for (const [variable, dataId] of before) {
    const assigned = variable.dataId as object;
    // The variable takes over the hold on its old data.
    releaseData(assigned);
    (variable as { dataId: object }).dataId = dataId;
  }
}
