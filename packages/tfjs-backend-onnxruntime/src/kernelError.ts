import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "./errors";
import { presentInputs } from "./kernels/rule";

/**
 * What went wrong in a kernel, said with the kernel, its arguments and their shapes: disposed tensors, memory, shapes that
 * do not broadcast, and whatever ONNX Runtime reports. Other errors stay as they are; what TensorFlow.js checks before a
 * kernel runs never comes here.
 */
export function kernelError(kernelName: string, inputs: tf.NamedTensorInfoMap, error: unknown): unknown {
  if (error instanceof SymgradError) return error;
  const present = presentInputs(inputs);
  const disposed = present.find(([, info]) => (info as Partial<tf.Tensor>).isDisposed);
  const given =
    present.map(([name, info]) => `\`${name}\` ${info.dtype}[${info.shape}]`).join(", ") || "none";
  if (disposed) {
    const [name, info] = disposed;
    return new SymgradError(
      "E_DISPOSED",
      `${kernelName}: the argument \`${name}\`, ${info.dtype}[${info.shape}], is disposed; a tensor that holds data was wanted.`,
      {
        hint: "use it before its dispose() or the end of its tf.tidy, or keep it with tf.keep",
        cause: error,
      },
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /bad_alloc|failed to allocate|allocation failed/i.test(message)) {
    return new SymgradError(
      "E_MEMORY",
      `${kernelName}: no memory for its result, from the arguments ${given}: ${message}.`,
      {
        hint: "use smaller batches, dispose tensors that are not needed (tf.tidy), or give Node more memory",
        cause: error,
      },
    );
  }
  // What tfjs-cpu's own kernels say of their arguments is left in their words.
  if (!/could not be broadcast|status code returned|onnxruntime/i.test(message)) return error;
  return new SymgradError("E_KERNEL", `${kernelName}: ${message} Its arguments: ${given}.`, {
    hint: "compare the arguments' shapes and types with what the operation takes",
    cause: error,
  });
}
