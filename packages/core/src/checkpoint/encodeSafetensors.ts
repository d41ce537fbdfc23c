import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import {
  DTYPE_ORDER,
  DTYPES,
  isKnownDtype,
  type SafetensorsDtype,
  type StoredTensor,
} from "./safetensorsFormat";

/** A TensorFlow.js tensor, or plain values with a shape. */
export type SavableTensor = tf.Tensor | StoredTensor;

/**
 * The pieces of a safetensors file, header first, one tensor at a time; as `saveSafetensors` writes them.
 *
 * @throws SymgradError `E_DTYPE`, `E_NAME`, `E_SHAPE` as that.
 */
export async function* encodeSafetensors(
  tensors: ReadonlyMap<string, SavableTensor>,
  metadata?: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const entries = [...tensors].map(([name, tensor]) => ({ name, tensor, dtype: storedDtype(name, tensor) }));
  entries.sort(
    (a, b) => DTYPE_ORDER.indexOf(b.dtype) - DTYPE_ORDER.indexOf(a.dtype) || compareText(a.name, b.name),
  );
  const fields: string[] = [];
  if (metadata && Object.keys(metadata).length > 0) {
    const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, value] of sorted) {
      if (typeof value !== "string") {
        throw new SymgradError(
          "E_DTYPE",
          `saveSafetensors: metadata must be strings, got ${typeof value} for "${name}".`,
        );
      }
    }
    fields.push(`"__metadata__":${JSON.stringify(Object.fromEntries(sorted))}`);
  }
  let offset = 0;
  for (const { name, tensor, dtype } of entries) {
    const end = offset + tensor.shape.reduce((size, n) => size * n, DTYPES[dtype].bytes);
    fields.push(
      `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape: tensor.shape, data_offsets: [offset, end] })}`,
    );
    offset = end;
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const start = new Uint8Array(8 + length).fill(0x20);
  new DataView(start.buffer).setBigUint64(0, BigInt(length), true);
  start.set(header, 8);
  yield start;
  for (const { name, tensor, dtype } of entries) {
    const data = isTensor(tensor) ? await tensor.data() : tensor.data;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const wanted = tensor.shape.reduce((size, n) => size * n, DTYPES[dtype].bytes);
    if (bytes.length !== wanted) {
      throw new SymgradError(
        "E_SHAPE",
        `saveSafetensors: "${name}" with shape [${tensor.shape}] and type ${dtype} takes ${wanted} bytes, got ${bytes.length}.`,
      );
    }
    yield bytes;
  }
}

function storedDtype(name: string, tensor: SavableTensor): SafetensorsDtype {
  if (name === "__metadata__") {
    throw new SymgradError(
      "E_NAME",
      `saveSafetensors: "__metadata__" is reserved by the format and cannot name a tensor.`,
    );
  }
  const dtype: string = tensor.dtype;
  if (dtype === "float32") return "F32";
  if (dtype === "int32") return "I32";
  if (dtype === "bool") return "BOOL";
  if (isKnownDtype(dtype) && DTYPES[dtype].bytes === (tensor as StoredTensor).data?.BYTES_PER_ELEMENT)
    return dtype;
  throw new SymgradError(
    "E_DTYPE",
    `saveSafetensors: "${name}" has type ${dtype}, which cannot be written.`,
    {
      hint: "save float32, int32 or bool tensors; cast the others first",
    },
  );
}

function isTensor(tensor: SavableTensor): tensor is tf.Tensor {
  return typeof tensor.data === "function";
}

/** By the bytes of their UTF-8, which is the order of their code points. */
function compareText(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const different = left.findIndex((character, i) => character !== right[i]);
  if (different < 0) return left.length - right.length;
  return left[different]!.codePointAt(0)! - (right[different]?.codePointAt(0) ?? -1);
}
