import { join } from "node:path";
import { saveSafetensors, writeFileAtomic } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import { writeEncoderConfig } from "../checkpoint/encoderConfig";
import { makeFolder } from "../internal/makeFolder";
import type { Reader } from "./reader";
import { functionNames } from "./readerConfig";

/** The layout of `reader.json`; a change that old code cannot read gets a new name. */
export const READER_FORMAT = "symgrad.reader.v1";

/** The files of a saved reader: bytes, or tensors for a safetensors file. */
export function readerFiles(reader: Reader): Record<string, Uint8Array | Map<string, tf.Tensor>> {
  const text = (content: string) => new TextEncoder().encode(content);
  const json = (value: unknown) => text(`${JSON.stringify(value, null, 2)}\n`);
  const { config, limits, tokenizer } = reader;
  const description = {
    format: READER_FORMAT,
    functions: config.calculator ? functionNames(config) : [],
    digits: tokenizer.digits,
    limits,
  };
  return {
    "reader.json": json(description),
    "config.json": json(writeEncoderConfig(config)),
    ...Object.fromEntries(Object.entries(tokenizer.files()).map(([name, content]) => [name, text(content)])),
    "model.safetensors": reader.parameters(),
  };
}

/**
 * Writes a reader to a folder, each file whole or not at all; `reader.json` last, so that a folder that has it is complete.
 *
 * @throws SymgradError `E_DISK` if the disk is full; `E_FILE` if the folder cannot be written.
 */
export async function saveReader(reader: Reader, folder: string): Promise<void> {
  await makeFolder(folder);
  const { "reader.json": _, ...files } = readerFiles(reader);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (content instanceof Map) await saveSafetensors(path, content, { format: "pt" });
    else await writeFileAtomic(path, content);
  }
  await saveLimits(reader, folder);
}

/** Writes `reader.json` alone, which has the reader's limits, into a folder that has the rest. */
export async function saveLimits(reader: Reader, folder: string): Promise<void> {
  await writeFileAtomic(join(folder, "reader.json"), readerFiles(reader)["reader.json"] as Uint8Array);
}
