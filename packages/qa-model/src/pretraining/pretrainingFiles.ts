import { join } from "node:path";
import { saveSafetensors, writeFileAtomic } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import { storedName } from "../checkpoint/bertNames";
import { writeEncoderConfig } from "../checkpoint/encoderConfig";
import { makeFolder } from "../internal/makeFolder";
import type { ReaderConfig } from "../reader/readerConfig";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import type { PretrainingModel } from "./pretrainingModel";

/** Hugging Face's names for the pretraining heads. */
const HEAD_NAMES: Record<string, string> = {
  "transform.weight": "cls.predictions.transform.dense.weight",
  "transform.bias": "cls.predictions.transform.dense.bias",
  "transformNorm.weight": "cls.predictions.transform.LayerNorm.weight",
  "transformNorm.bias": "cls.predictions.transform.LayerNorm.bias",
  tokenBias: "cls.predictions.bias",
  "pooler.weight": "bert.pooler.dense.weight",
  "pooler.bias": "bert.pooler.dense.bias",
  "relation.weight": "cls.seq_relationship.weight",
  "relation.bias": "cls.seq_relationship.bias",
};

/** The variables under the reference library's names. */
export function pretrainingParameters(
  model: PretrainingModel,
  config: ReaderConfig,
): Map<string, tf.Variable> {
  return new Map(
    [...model.parameters()].map(([name, variable]) => [
      HEAD_NAMES[name] ?? storedName(name, config.model_type),
      variable,
    ]),
  );
}

/** Writes an encoder with its pretraining heads as the reference library's `BertForPreTraining` reads it. */
export async function saveEncoder(
  folder: string,
  config: ReaderConfig,
  tokenizer: DigitTokenizer,
  parameters: ReadonlyMap<string, tf.Variable>,
): Promise<void> {
  await makeFolder(folder);
  await saveSafetensors(join(folder, "model.safetensors"), parameters, { format: "pt" });
  const json = { ...writeEncoderConfig(config), architectures: ["BertForPreTraining"] };
  await tokenizer.save(folder);
  await writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(json, null, 2)}\n`);
}
