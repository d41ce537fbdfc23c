import type * as tf from "@tensorflow/tfjs";

/** An input of the exported graph. */
export interface ExportInput {
  /** A number is a fixed length, a name an axis of any length; the same name is the same length everywhere. */
  shape: readonly (number | string)[];
  /** Default float32. int64 in the file is int32 for the function: what other tools call token ids is often int64. */
  dtype?: "float32" | "int32" | "int64" | "bool";
  /** Whole numbers of the check are 0 to `below` - 1: the rows of a table that the input picks from. Default 2. */
  below?: number;
}

/** What is known of a named axis. */
export interface ExportAxis {
  /** The function takes no shorter one. Default 1. */
  min?: number;
  /** The function takes no longer one, as where positions have a table. Default: no bound. */
  max?: number;
  /** Its length if it turns out that it cannot be dynamic. Default: that is an error. */
  size?: number;
}

export interface ExportOnnxOptions {
  /** By name, in the order in which the file has them. A tf.layers model knows its own; null axes may be renamed here. */
  inputs?: Readonly<Record<string, ExportInput>>;
  axes?: Readonly<Record<string, ExportAxis>>;
  /** Name of the graph. Default: the function's or model's own. */
  name?: string;
  /** What the file says about itself: key and value pairs that onnxruntime shows as custom metadata. */
  metadata?: Readonly<Record<string, string>>;
  /** Weights of more bytes than this go to a second file, `<file>.data`. Default 2e9: protobuf ends at 2 GiB. */
  externalDataAbove?: number;
  /** Largest difference from the eager result, relative to the largest number in it, above 1. Default 1e-4. */
  tolerance?: number;
}

/** A function for inference: tensors by input name in; a tensor, or tensors in arrays and objects, out. */
// biome-ignore lint/suspicious/noExplicitAny: each function names its own inputs.
export type InferenceFunction = (inputs: any) => unknown;

export interface ExportedTensor {
  name: string;
  dtype: string;
  shape: readonly (number | string)[];
}

export interface ExportedOnnx {
  file: string;
  /** The second file, if the weights went there. */
  dataFile?: string;
  /** Of both files. */
  bytes: number;
  nodes: number;
  inputs: readonly ExportedTensor[];
  outputs: readonly ExportedTensor[];
  /** Axes that were asked for by name and had to be fixed, and why. */
  fixedAxes: readonly { axis: string; size: number; reason: string }[];
  /** Operator sets beside ONNX's own that a runtime must know; onnxruntime knows com.microsoft. */
  domains: readonly string[];
  /** The lengths at which a plain onnxruntime session gave the eager result, and the largest relative difference. */
  checks: readonly { lengths: Readonly<Record<string, number>>; difference: number }[];
}

/** One of several functions that are exported together; its weights go to the file they share. */
export interface ExportModel extends Omit<ExportOnnxOptions, "externalDataAbove"> {
  what: InferenceFunction | tf.LayersModel;
}

export interface ExportedOnnxModels {
  /** The file of the weights. */
  dataFile: string;
  dataBytes: number;
  /** In the order in which they were given; `bytes` without the weights. */
  models: ExportedOnnx[];
}

/** What is exported, with its inputs spelled out. */
export interface ExportSubject {
  name: string;
  inputs: ReadonlyMap<string, Required<ExportInput>>;
  run: (inputs: Record<string, tf.Tensor>) => unknown;
}
