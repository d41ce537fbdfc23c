import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import {
  DTYPE_ORDER,
  DTYPES,
  isKnownDtype,
  type SafetensorsDtype,
  type StoredTensor,
} from "./safetensorsFormat";
import { writeFileAtomic } from "./writeFileAtomic";

/** A TensorFlow.js tensor, or plain values with a shape. */
export type SavableTensor = tf.Tensor | StoredTensor;

/**
 * Writes tensors as one safetensors file, atomically. The bytes are those of the reference implementation: header
 * padded to 8 bytes, tensors by descending type and then by name, so equal contents give equal files.
 *
 * @param tensors By name; float32, int32 or bool. Kept alive: the caller still owns them.
 * @param metadata Strings to keep in the header.
 * @throws SymgradError `E_DTYPE` for another type, `E_NAME` for the reserved name `__metadata__`, `E_SHAPE` if the values
 *   do not fill the shape, `E_DISK` and `E_FILE` as {@link writeFileAtomic}.
 * @see https://huggingface.co/docs/safetensors (format)
 */
export async function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, SavableTensor>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

/** The pieces of a safetensors file, header first, one tensor at a time. */
export async function* encodeSafetensors(
  tensors: ReadonlyMap<string, SavableTensor>,
  metadata?: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const entries = [...tensors].map(([name, tensor]) => ({ name, tensor, dtype: storedDtype(name, tensor) }));
  entries.sort(
    (a, b) =>
      DTYPE_ORDER.indexOf(b.dtype) - DTYPE_ORDER.indexOf(a.dtype) ||
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
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
  const header = Buffer.from(`{${fields.join(",")}}`);
  const padded = Buffer.alloc(Math.ceil(header.length / 8) * 8, " ");
  header.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  yield Buffer.concat([length, padded]);
  for (const { name, tensor, dtype } of entries) {
    const data = tensor instanceof tf.Tensor ? await tensor.data() : tensor.data;
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
