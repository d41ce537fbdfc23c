import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { key, loadParameters, RunDirectory, readSafetensors, SymgradError } from "@symgrad/core";
import type { Registry } from "@symgrad/symbolic-plugins";
import { DigitTokenizer } from "../tokenization/digitTokenizer";
import { Reader, type ReaderLimits } from "./reader";
import { createReaderConfig, type ReaderConfig } from "./readerConfig";
import { READER_FORMAT } from "./saveReader";

/**
 * Loads a saved reader, or the reader of a run directory: the trained one, or that of the newest checkpoint if the run
 * did not end yet.
 *
 * @param options.registry Knows the function that the reader calls.
 * @throws SymgradError `E_FILE` if there is no reader; `E_FORMAT` for a broken file; `E_CHECKPOINT` if the weights do not
 *   fit the configuration; `E_NAME` if the registry does not know the function.
 */
export async function loadReader(
  folder: string,
  options: { registry?: Registry | undefined } = {},
): Promise<Reader> {
  const place = await findReader(folder);
  const description = await readJson(join(place, "reader.json"));
  if (description.format !== READER_FORMAT) {
    throw new SymgradError(
      "E_FORMAT",
      `reader.json: \`format\` must be "${READER_FORMAT}", got ${JSON.stringify(description.format)}.`,
      { where: place },
    );
  }
  const where = join(place, "config.json");
  const fields = (await readJson(where)) as Partial<ReaderConfig> & { vocab_size: number };
  const config = createReaderConfig(fields, where);
  const tokenizer = await DigitTokenizer.fromFolder(place);
  if (tokenizer.size !== config.vocab_size) {
    throw new SymgradError(
      "E_VOCABULARY",
      `the tokenizer has ${tokenizer.size} tokens, the model ${config.vocab_size} rows (\`vocab_size\`).`,
      { where: place, hint: "use the tokenizer that the reader was trained with" },
    );
  }
  const weights = join(place, "model.safetensors");
  const { tensors } = await readSafetensors(weights);
  const reader = new Reader({
    registry: options.registry,
    tokenizer,
    config,
    key: key(0),
    limits: description.limits as Partial<ReaderLimits>,
  });
  try {
    loadParameters(reader.parameters(), tensors, { where: weights });
  } catch (error) {
    reader.dispose();
    throw error;
  }
  return reader;
}

async function findReader(folder: string): Promise<string> {
  const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;
  for (const place of [folder, join(folder, "reader")]) {
    if (await isFile(join(place, "reader.json"))) return place;
  }
  if (await isFile(join(folder, "config.json"))) {
    const checkpoint = await (await RunDirectory.open(folder)).latestCheckpoint();
    if (checkpoint) return checkpoint.path;
  }
  throw new SymgradError("E_FILE", `there is no reader in ${folder}: no reader.json, and no checkpoint.`, {
    hint: "pass a run directory of `symgrad train qa`, or a folder that a reader was saved to",
  });
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new SymgradError("E_FILE", `cannot read ${path}.`, { cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (cause) {
    throw new SymgradError("E_FORMAT", `${path} is not JSON.`, { cause });
  }
  throw new SymgradError("E_FORMAT", `${path}: expected a JSON object.`);
}
