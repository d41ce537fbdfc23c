import fs from "node:fs/promises";
import { broken, decodeSafetensors, type SafetensorsFile } from "./decodeSafetensors";
import { fileError } from "./fileError";

const LONGEST_READ = 1 << 30; // bytes a single system call is asked for

/**
 * Reads a safetensors file, as {@link decodeSafetensors} says.
 *
 * @throws SymgradError `E_FILE` if it cannot be opened; `E_FORMAT`, naming the file and what is wrong, if it is not valid.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  let file: fs.FileHandle;
  try {
    file = await fs.open(path, "r");
  } catch (error) {
    throw fileError(error, "read", path);
  }
  try {
    const status = await file.stat();
    if (status.isDirectory())
      throw fileError(Object.assign(new Error("folder"), { code: "EISDIR" }), "read", path);
    const read = (position: number, length: number) => readBytes(file, position, length, path);
    return await decodeSafetensors({ size: status.size, read }, path);
  } catch (error) {
    throw fileError(error, "read", path);
  } finally {
    await file.close();
  }
}

async function readBytes(
  file: fs.FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(
      bytes,
      done,
      Math.min(length - done, LONGEST_READ),
      position + done,
    );
    if (bytesRead === 0) throw broken(path, `it ended at byte ${position + done} while being read.`);
    done += bytesRead;
  }
  return bytes.buffer;
}
