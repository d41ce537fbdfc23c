import { join } from "node:path";
import type { StoredTensor } from "@symgrad/core";
import { SymgradError } from "@symgrad/core";
import { z } from "zod";
import { readJsonFile } from "../internal/readJsonFile";
import { DigitTokenizer } from "../tokenization/digitTokenizer";
import { canonicalName } from "./bertNames";
import { type EncoderConfig, readEncoderConfig } from "./encoderConfig";
import { readWeights } from "./readWeights";

/** A Hugging Face encoder as its folder holds it. */
export interface EncoderCheckpoint {
  config: EncoderConfig;
  tokenizer: DigitTokenizer;
  /** Under the names of `storedName`; heads other than for spans are left out. */
  tensors: Map<string, StoredTensor>;
  /** Whether the file has a span head ("qa_outputs"), so that it can answer questions as it is. */
  hasSpanHead: boolean;
  /** The file of the weights. */
  where: string;
}

/**
 * Reads a BERT or DistilBERT folder as Hugging Face writes it: `config.json`, `model.safetensors` whole or in shards,
 * `tokenizer.json` or `vocab.txt`.
 *
 * @param options.digits How numbers become tokens: "split" (default) digit by digit, which calculator readers need, or
 *   "whole", as the encoder was trained.
 * @throws SymgradError `E_FILE` for a missing file; `E_FORMAT` for a broken one; `E_USAGE` for an architecture that is not
 *   supported; `E_VOCABULARY` if the tokenizer does not fit the embedding rows.
 */
export async function loadEncoder(
  folder: string,
  options: { digits?: "split" | "whole" | undefined } = {},
): Promise<EncoderCheckpoint> {
  const configPath = join(folder, "config.json");
  const json = await readJsonFile(configPath, z.record(z.string(), z.unknown()));
  const config = readEncoderConfig(json, configPath);
  const tokenizer = await DigitTokenizer.fromFolder(folder, options);
  if (tokenizer.size > config.vocab_size) {
    throw new SymgradError(
      "E_VOCABULARY",
      `the tokenizer has ${tokenizer.size} tokens, the model ${config.vocab_size} rows (\`vocab_size\`).`,
      { where: folder, hint: "use the tokenizer that the encoder was trained with" },
    );
  }
  const { tensors: stored, where } = await readWeights(folder);
  const modelType = config.model_type as "bert" | "distilbert";
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of stored) {
    const canonical = canonicalName(name, modelType);
    const kept = canonical.startsWith(`${modelType}.embeddings.`) || /\.layer\.\d+\./.test(canonical);
    if ((kept && !canonical.endsWith(".position_ids")) || canonical.startsWith("qa_outputs.")) {
      tensors.set(canonical, tensor);
    }
  }
  const words = tensors.get(`${modelType}.embeddings.word_embeddings.weight`);
  if (words && words.shape[0] !== config.vocab_size) {
    throw new SymgradError(
      "E_VOCABULARY",
      `the embedding has ${words.shape[0]} rows, config.json says ${config.vocab_size} (\`vocab_size\`).`,
      { where, hint: "config.json and the weights belong to different models" },
    );
  }
  return { config, tokenizer, tensors, hasSpanHead: tensors.has("qa_outputs.weight"), where };
}
