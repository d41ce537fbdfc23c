import { stat } from "node:fs/promises";
import { join } from "node:path";
import { key, loadParameters, RunDirectory, type StoredTensor, SymgradError } from "@symgrad/core";
import type { Registry } from "@symgrad/symbolic-plugins";
import { z } from "zod";
import { isHubId, resolveCheckpoint } from "../checkpoint/hub";
import { loadEncoder } from "../checkpoint/loadEncoder";
import { readWeights } from "../checkpoint/readWeights";
import { isFile } from "../internal/isFile";
import { readJsonFile } from "../internal/readJsonFile";
import { createReader, Reader } from "./reader";
import { readReaderFolder } from "./readReaderFolder";

/**
 * Loads a reader: a saved one, that of a run directory (the trained one, or that of the newest checkpoint if the run did
 * not end yet), or a Hugging Face folder (or hub id) of a BERT or DistilBERT that was trained to answer questions. The
 * latter reads as it was trained: numbers whole, answers in the passage only and not necessarily of whole words.
 *
 * @param options.registry Knows the function that the reader calls.
 * @throws SymgradError `E_FILE` if there is no reader; `E_FORMAT` for a broken file; `E_CHECKPOINT` if the weights do not
 *   fit the configuration; `E_NAME` if the registry does not know the function; `E_USAGE` for an encoder of another kind
 *   or without a span head; the errors of `resolveCheckpoint` for a hub id.
 */
export async function loadReader(
  source: string,
  options: { registry?: Registry | undefined } = {},
): Promise<Reader> {
  const place = (await findReader(source)) ?? (await resolveCheckpoint(source));
  if (!(await isFile(join(place, "reader.json")))) return loadSpanReader(place);
  const { config, tokenizer, limits } = await readReaderFolder(place);
  const weights = await readWeights(place);
  const reader = new Reader({
    registry: options.registry,
    tokenizer,
    config,
    key: key(0),
    limits,
  });
  return filled(reader, weights.tensors, weights.where);
}

/** A Hugging Face folder with a span head, as it is. */
async function loadSpanReader(folder: string): Promise<Reader> {
  const { config, tokenizer, tensors, hasSpanHead, where } = await loadEncoder(folder, { digits: "whole" });
  if (!hasSpanHead) {
    throw new SymgradError(
      "E_USAGE",
      'this encoder has no span head ("qa_outputs"): it was not trained to answer.',
      {
        where,
        hint: "train a reader on it: `symgrad train qa --encoder`, or trainReader({ encoder })",
      },
    );
  }
  const reader = createReader({
    tokenizer,
    config: { ...config, calculator: false, answer_in_question: false },
    key: key(0),
    limits: { wholeWords: false },
  });
  return filled(reader, tensors, where);
}

function filled(reader: Reader, tensors: ReadonlyMap<string, StoredTensor>, where: string): Reader {
  try {
    loadParameters(reader.parameters(), tensors, { where });
    return reader;
  } catch (error) {
    reader.dispose();
    throw error;
  }
}

const anyObject = z.record(z.string(), z.unknown());

/** The folder of a reader or a checkpoint; undefined where there is none: then it may be a hub id. */
async function findReader(source: string): Promise<string | undefined> {
  for (const place of [source, join(source, "reader")]) {
    if (await isFile(join(place, "reader.json"))) return place;
  }
  const config = join(source, "config.json");
  if (await isFile(config)) {
    if (typeof (await readJsonFile(config, anyObject)).model_type === "string") return source;
    const checkpoint = await (await RunDirectory.open(source)).latestCheckpoint();
    if (checkpoint) return checkpoint.path;
  }
  if (isHubId(source) && !(await stat(source).catch(() => undefined))) return undefined;
  throw new SymgradError(
    "E_FILE",
    `there is no reader in ${source}: no reader.json, no checkpoint, no Hugging Face model.`,
    {
      hint: "pass a run directory of `symgrad train qa`, a folder that a reader was saved to, or a BERT folder",
    },
  );
}
