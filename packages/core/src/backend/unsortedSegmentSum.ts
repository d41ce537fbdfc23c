import * as tf from "@tensorflow/tfjs";

/** What the kernel uses of tfjs-backend-wasm's class, which exports no usable type. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array | Uint8Array;
}

/**
 * Registers UnsortedSegmentSum for wasm: the gradient of `tf.gather`, and so of every embedding, needs it and
 * tfjs-backend-wasm 4.22 lacks it. Rows whose id is not in [0, numSegments) are dropped, as tfjs-cpu does.
 */
export function registerUnsortedSegmentSum(): void {
  if (tf.getKernel("UnsortedSegmentSum", "wasm")) return;
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const { numSegments } = attrs as { numSegments: number };
      const rest = x.shape.slice(segmentIds.shape.length);
      const wasm = backend as WasmBackend;
      const result = wasm.makeOutput([numSegments, ...rest], x.dtype);
      // Views come after the allocation, which may have moved the heap.
      const sums = wasm.typedArrayFromHeap(result).fill(0);
      const values = wasm.typedArrayFromHeap(x);
      const ids = wasm.typedArrayFromHeap(segmentIds);
      const size = rest.reduce((product, n) => product * n, 1);
      for (let row = 0; row < ids.length; row++) {
        const segment = ids[row]!;
        if (segment < 0 || segment >= numSegments) continue;
        const [from, to] = [row * size, segment * size];
        for (let i = 0; i < size; i++) sums[to + i]! += values[from + i]!;
      }
      return result;
    },
  });
}
