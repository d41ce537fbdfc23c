import * as tf from "@tensorflow/tfjs";

export type HostData = Float32Array | Int32Array | Uint8Array;
export const hostArgument: unique symbol = Symbol.for("symgrad.hostArgument");
export interface HostArgument {
  [hostArgument](): { placeholder: unknown; bind(actual: unknown): void };
}
export function isTracing(): boolean {
  return false;
}
export function hostTensor(shape: number[], dtype: "float32" | "int32" | "bool", compute: () => HostData): tf.Tensor {
  return tf.tensor(compute(), shape, dtype);
}
