import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import { z } from "zod";
import { readJsonFile } from "../internal/readJsonFile";
import { DigitTokenizer } from "../tokenization/digitTokenizer";
import type { ReaderLimits } from "./reader";
import { createReaderConfig, DEFAULT_READER_CONFIG, type ReaderConfig } from "./readerConfig";
import { READER_FORMAT } from "./saveReader";

/** What a saved reader's folder says beside its weights. */
export interface ReaderFolder {
  config: ReaderConfig;
  tokenizer: DigitTokenizer;
  limits: Partial<ReaderLimits>;
}

/**
 * Reads `reader.json`, `config.json` and the tokenizer of a saved reader.
 *
 * @throws SymgradError `E_FORMAT` for a broken file; `E_VOCABULARY` if the tokenizer does not fit the model.
 */
export async function readReaderFolder(folder: string): Promise<ReaderFolder> {
  const description = await readJsonFile(join(folder, "reader.json"), anyObject);
  if (description.format !== READER_FORMAT) {
    throw new SymgradError(
      "E_FORMAT",
      `reader.json: \`format\` must be "${READER_FORMAT}", got ${JSON.stringify(description.format)}.`,
      { where: folder },
    );
  }
  const where = join(folder, "config.json");
  const fields = (await readJsonFile(where, anyObject)) as Partial<ReaderConfig> & { vocab_size: number };
  const config = createReaderConfig(knownFields(fields), where);
  const digits = description.digits === "whole" ? "whole" : "split";
  const tokenizer = await DigitTokenizer.fromFolder(folder, { digits });
  const fits =
    config.model_type === "symgrad-encoder"
      ? tokenizer.size === config.vocab_size
      : tokenizer.size <= config.vocab_size;
  if (!fits) {
    throw new SymgradError(
      "E_VOCABULARY",
      `the tokenizer has ${tokenizer.size} tokens, the model ${config.vocab_size} rows (\`vocab_size\`).`,
      { where: folder, hint: "use the tokenizer that the reader was trained with" },
    );
  }
  return { config, tokenizer, limits: description.limits as Partial<ReaderLimits> };
}

/** Leaves out what only the reference library reads. */
function knownFields(fields: Partial<ReaderConfig> & { vocab_size: number }) {
  const known = [...Object.keys(DEFAULT_READER_CONFIG), "vocab_size", "heads"];
  return Object.fromEntries(Object.entries(fields).filter(([name]) => known.includes(name))) as typeof fields;
}

const anyObject = z.record(z.string(), z.unknown());
