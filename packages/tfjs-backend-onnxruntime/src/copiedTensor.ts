import * as tf from "@tensorflow/tfjs";
import { activeOnnxRuntimeBackend } from "./backend";

/**
 * A float32 tensor of a copy of `values`, for the first values of a variable: as nobody else has the copy, jitted functions
 * update it in place from the first step on, where an array that came from outside is replaced then, and two of them are in
 * memory for a while.
 *
 * @param values As many as the shape has, in row-major order.
 */
export function copiedTensor(values: Float32Array, shape: readonly number[]): tf.Tensor {
  const backend = activeOnnxRuntimeBackend();
  if (!backend) return tf.tensor(values.slice(), [...shape], "float32");
  const info = backend.makeTensorInfo([...shape], "float32", values.slice() as never);
  return tf.engine().makeTensorFromTensorInfo(info);
}
