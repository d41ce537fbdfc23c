import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend } from "../backend";
import type { HostData } from "../trace";

/** True while a function is being traced: values do not exist yet. */
export function isTracing(): boolean {
  return activeOnnxRuntimeBackend()?.activeTrace !== undefined;
}

/** True while a function is traced for `exportOnnx`: the graph must not depend on the lengths that it is traced at. */
export function hasVaryingShapes(): boolean {
  return activeOnnxRuntimeBackend()?.activeTrace?.graph.shapesVary ?? false;
}

/**
 * A tensor whose data JavaScript computes. Inside `jit` it becomes a graph input, computed anew at every run; outside
 * it is an ordinary tensor.
 *
 * @param shape Its shape; `compute` must return as many values.
 * @param dtype `float32`, `int32` or `bool`.
 * @param compute Called once per run, after the run's host arguments (random keys) are bound. Runs follow one another,
 *   so it may return the same array each time.
 */
export function hostTensor(
  shape: number[],
  dtype: "float32" | "int32" | "bool",
  compute: () => HostData,
): tf.Tensor {
  const trace = activeOnnxRuntimeBackend()?.activeTrace;
  if (!trace) return tf.tensor(compute(), shape, dtype);
  return tf.engine().makeTensorFromTensorInfo(trace.host(shape, dtype, compute));
}
