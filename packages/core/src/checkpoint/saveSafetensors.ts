import { encodeSafetensors, type SavableTensor } from "./encodeSafetensors";
import { writeFileAtomic } from "./writeFileAtomic";

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
