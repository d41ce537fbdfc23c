import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { readSafetensors, type StoredTensor, SymgradError } from "@symgrad/core";
import { z } from "zod";
import { readJsonFile } from "../internal/readJsonFile";

/** A Hugging Face folder's weights are these files, whole or in shards with an index. */
export const WEIGHTS_FILE = "model.safetensors";
export const WEIGHTS_INDEX = "model.safetensors.index.json";

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * The tensors of a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
 *
 * @throws SymgradError `E_FILE` if there are no weights, or a shard is missing; `E_FORMAT` for a broken file, or a shard
 *   without a tensor that the index promises.
 */
export async function readWeights(
  folder: string,
): Promise<{ tensors: Map<string, StoredTensor>; where: string }> {
  const isFile = async (name: string) => (await stat(join(folder, name)).catch(() => undefined))?.isFile();
  if (await isFile(WEIGHTS_FILE)) {
    const where = join(folder, WEIGHTS_FILE);
    return { tensors: (await readSafetensors(where)).tensors, where };
  }
  const where = join(folder, WEIGHTS_INDEX);
  if (!(await isFile(WEIGHTS_INDEX))) {
    const pickle = await isFile("pytorch_model.bin");
    throw new SymgradError(
      "E_FILE",
      `there are no weights in ${folder}: no ${WEIGHTS_FILE}, no ${WEIGHTS_INDEX}.`,
      {
        hint: pickle
          ? "pytorch_model.bin is a pickle, which can run any program: convert it to safetensors"
          : "pass a folder as Hugging Face's save_pretrained writes it",
      },
    );
  }
  const { weight_map: shardOf } = await readJsonFile(where, indexSchema);
  const tensors = new Map<string, StoredTensor>();
  for (const shard of new Set(Object.values(shardOf))) {
    if (shard !== basename(shard)) {
      throw new SymgradError("E_FORMAT", `a shard must be a file beside the index, got "${shard}".`, {
        where,
      });
    }
    for (const [name, tensor] of (await readSafetensors(join(folder, shard))).tensors)
      tensors.set(name, tensor);
  }
  const missing = Object.keys(shardOf).filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    throw new SymgradError(
      "E_FORMAT",
      `the shards lack ${missing.length} tensors that the index lists: ${missing.slice(0, 5).join(", ")}.`,
      { where, hint: "copy or download the shards again" },
    );
  }
  return { tensors, where };
}
