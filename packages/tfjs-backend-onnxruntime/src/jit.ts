import * as tf from "@tensorflow/tfjs";

export interface JitOptions {
  name?: string;
  maxSignatures?: number;
}
export interface JitFunction<A extends unknown[], R> {
  (...args: A): Promise<R>;
  dispose(): void;
}
export function jit<A extends unknown[], R>(fn: (...args: A) => R, _options: JitOptions = {}): JitFunction<A, R> {
  return Object.assign(async (...args: A) => tf.tidy(() => fn(...args) as tf.TensorContainer) as R, {
    dispose() {},
  });
}
