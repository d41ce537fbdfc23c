import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "./errors";
import { presentInputs } from "./kernels/rule";

/** As V8, ONNX Runtime and its operators say it. */
export const OUT_OF_MEMORY =
  /bad_?alloc|failed to allocate|allocation failed|out of memory|array buffer allocation|array length|would require more than/i;

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
  if (OUT_OF_MEMORY.test(message)) {
    return new SymgradError(
      "E_MEMORY",
      `${kernelName}: no memory for its result, from the arguments ${given}: ${message}.`,
      {
        hint: "use smaller batches, dispose tensors that are not needed (tf.tidy), or give Node more memory",
        cause: error,
      },
    );
  }
  if (/out of data bounds/.test(message)) {
    return new SymgradError("E_KERNEL", `${kernelName}: ${outOfBounds(message)} Its arguments: ${given}.`, {
      hint: "keep the indices between 0 and the length of the axis, minus one",
      cause: error,
    });
  }
  // What tfjs-cpu's own kernels say of their arguments is left in their words.
  if (!/could not be broadcast|must evenly divide|status code returned|onnxruntime/i.test(message))
    return error;
  return new SymgradError("E_KERNEL", `${kernelName}: ${message} Its arguments: ${given}.`, {
    hint: "compare the arguments' shapes and types with what the operation takes",
    cause: error,
  });
}

/** What ONNX Runtime says of an index, as a sentence. */
export function outOfBounds(message: string): string {
  const [, index, range] = /idx=(-?\d+).*range (\[[^\]]*\])/.exec(message) ?? [];
  return index ? `an index is ${index}; it must be within ${range}.` : message;
}

/** tfjs computes a shape with negative axes where a window is larger than what it slides over. */
export function assertLengths(
  kernelName: string,
  inputs: readonly tf.TensorInfo[],
  results: readonly { readonly shape: readonly number[] }[],
): void {
  const wrong = results.find(({ shape }) => shape.some((axis) => axis < 0));
  if (!wrong) return;
  const given = inputs.map((info) => `${info.dtype}[${info.shape}]`).join(", ");
  throw new SymgradError(
    "E_SHAPE",
    `${kernelName}: the window does not fit: from the arguments ${given} the result would have the shape [${wrong.shape}].`,
    { hint: 'use a smaller window, or the padding "same"' },
  );
}
