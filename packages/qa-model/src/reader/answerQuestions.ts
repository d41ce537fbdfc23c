import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import { answerHeads } from "./answerHeads";
import { decodeAnswer } from "./decodeAnswer";
import type { Prediction } from "./prediction";
import { createReaderFeatures, type FeatureOptions, type PreparedText } from "./readerFeatures";
import type { AnswerDecoder, ReadWindow } from "./readWindow";

/** Most texts, and most tokens, in one run of the model: what it computes on the way should stay in a core's cache. */
const LARGEST_BATCH = 64;
const MOST_TOKENS = 512;

/** A reader without its model: how it prepares texts and finds answers in logits. */
export interface ReaderSetting extends AnswerDecoder {
  /** The functions as layers, in the order of their stages; empty without a calculator. */
  readonly layers: readonly SymbolicLayer[];
}

/** What preparing a text for this reader needs. */
export function featureOptionsOf({ tokenizer, layers, config, limits }: ReaderSetting): FeatureOptions {
  return {
    tokenizer,
    layers,
    maximumTokens: Math.min(config.max_position_embeddings, limits.windowTokens ?? Number.POSITIVE_INFINITY),
    maximumQuantities: limits.quantities,
    overlap: limits.overlap,
    answerInQuestion: config.answer_in_question,
    noAnswer: config.no_answer,
    heads: answerHeads(config),
  };
}

/**
 * Answers questions with any model: prepares the texts, reads them in batches of about one length, decodes.
 *
 * @param read Runs the model on texts, which are sorted by length.
 * @throws SymgradError `E_LENGTH` if a question leaves no room for the passage.
 */
export async function answerQuestions(
  batch: readonly { passage: string; question: string }[],
  reader: ReaderSetting,
  read: (part: readonly PreparedText[]) => Promise<ReadWindow[]>,
): Promise<Prediction[]> {
  const texts = await createReaderFeatures(
    batch,
    featureOptionsOf(reader),
    (row) => `item ${row} of the batch`,
  );
  const sorted = [...texts].sort((a, b) => a.features.ids.length - b.features.ids.length);
  const windows: ReadWindow[][] = batch.map(() => []);
  for (const part of batchesOf(sorted)) {
    for (const window of await read(part)) windows[window.text.example]!.push(window);
  }
  return windows.map((found, row) => decodeAnswer(found, batch[row]!, reader));
}

/** Texts sorted by length, in parts of at most so many texts and tokens. */
function batchesOf(sorted: readonly PreparedText[]): PreparedText[][] {
  const parts: PreparedText[][] = [];
  let from = 0;
  for (let to = 1; to <= sorted.length; to++) {
    const next = sorted[to];
    const count = to - from + 1;
    const fits = next && count <= LARGEST_BATCH && count * next.features.ids.length <= MOST_TOKENS;
    if (fits) continue;
    parts.push(sorted.slice(from, to));
    from = to;
  }
  return parts;
}
