import type * as tf from "@tensorflow/tfjs";
import type { RuleAttributes } from "../../kernels/rule";
import type { HostData } from "../../trace";

/** What a kernel computed. */
export interface PlainResult {
  data: HostData;
  type: "float32" | "int32" | "bool";
  shape: number[];
  /** The data is a part of an argument's. */
  isView?: boolean;
}

/** Where arguments' data comes from and results' goes. */
export interface PlainStore {
  /** A tensor's data; undefined where it is strings, complex numbers or an array of JavaScript's. */
  dataOf(info: tf.TensorInfo): HostData | undefined;
  /** An array for a result, with any contents. */
  floats(size: number): Float32Array;
}

/**
 * One TensorFlow.js kernel in plain JavaScript, or undefined where these arguments are better left to tfjs-cpu. Results
 * have tfjs-cpu's bits, products of matrices apart.
 */
export type PlainKernel = (
  inputs: Readonly<Record<string, tf.TensorInfo>> & readonly tf.TensorInfo[],
  attributes: RuleAttributes,
  store: PlainStore,
) => PlainResult | PlainResult[] | undefined;

export type PlainKernels = Readonly<Record<string, PlainKernel>>;

/** A tensor's data if it is float32. */
export function floatsOf(info: tf.TensorInfo, store: PlainStore): Float32Array | undefined {
  if (info.dtype !== "float32") return undefined;
  const data = store.dataOf(info);
  return data instanceof Float32Array ? data : undefined;
}

/** A tensor's data and its type if it is numbers in the array that belongs to the type. */
export function numbersOf(
  info: tf.TensorInfo,
  store: PlainStore,
): { data: HostData; type: PlainResult["type"] } | undefined {
  const { dtype } = info;
  const data = store.dataOf(info);
  if (dtype === "float32") return data instanceof Float32Array ? { data, type: dtype } : undefined;
  if (dtype === "int32") return data instanceof Int32Array ? { data, type: dtype } : undefined;
  return dtype === "bool" && data instanceof Uint8Array ? { data, type: dtype } : undefined;
}

/** An array of the same kind for a result, with any contents. */
export function arrayLike(data: HostData, size: number, store: PlainStore): HostData {
  if (data instanceof Float32Array) return store.floats(size);
  return data instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
}
