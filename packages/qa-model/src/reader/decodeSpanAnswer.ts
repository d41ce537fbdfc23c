import { SymgradError } from "@symgrad/core";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { type DecodedSpan, decodeSpans } from "./decodeSpans";
import type { Answer, AnswerSource, Prediction } from "./prediction";
import type { EncodedText } from "./readerFeatures";
import type { AnswerDecoder, ReadWindow } from "./readWindow";

interface Region {
  source: AnswerSource;
  text: string;
  encoded: EncodedText;
  /** Index of its first token in the window. */
  from: number;
  /** Which call's result it is, of several. */
  call?: number;
}

interface Candidate extends DecodedSpan {
  window: ReadWindow;
  region: Region;
}

/**
 * The span among the windows of a text. Start and end have one softmax each over the tokens of all windows, so that
 * spans of different windows compare.
 *
 * @see Clark and Gardner 2018, arXiv:1710.10723, section 3.3 (shared normalization).
 */
export function decodeSpanAnswer(
  windows: readonly ReadWindow[],
  example: { passage: string; question: string },
  reader: AnswerDecoder,
): Prediction {
  const { limits, config } = reader;
  const layouts = windows.map((window) => layOut(window, example, reader));
  const startTotal = logTotal(
    windows.map(({ start }) => start),
    layouts,
    config.no_answer,
  );
  const endTotal = logTotal(
    windows.map(({ end }) => end),
    layouts,
    config.no_answer,
  );
  const candidates = windows.flatMap((window, i): Candidate[] => {
    const { source, continuation, regions } = layouts[i]!;
    const spans = decodeSpans({
      start: window.start,
      end: window.end,
      source,
      continuation,
      maximumTokens: limits.answerTokens,
      // Spans of one text are one answer: look at more than will be listed.
      count: 4 * (limits.alternatives + 1),
    });
    return spans.map((span) => ({ ...span, window, region: regions[source[span.start]!]! }));
  });
  candidates.sort((a, b) => b.logProb - a.logProb);

  const answers: { answer: Answer; window: ReadWindow }[] = [];
  const seen = new Set<string>();
  for (const { start, end, logProb, window, region } of candidates) {
    if (answers.length > limits.alternatives) break;
    const from = region.encoded.offsets[2 * (start - region.from)]!;
    const to = region.encoded.offsets[2 * (end - region.from) + 1]!;
    const answer = region.text.slice(from, to);
    if (seen.has(answer)) continue;
    const score = Math.exp(logProb - startTotal - endTotal);
    if (!Number.isFinite(score)) {
      throw new SymgradError("E_RANGE", `the reader's score of an answer is not a number (${score}).`, {
        hint: "its weights are broken: train again, with a lower learning rate",
      });
    }
    seen.add(answer);
    const { source, call } = region;
    const place = { start: from, end: to, source, ...(call === undefined ? {} : { call }) };
    answers.push({ answer: { answer, score, ...place }, window });
  }

  const omitted = windows[0]!.text.omittedQuantities;
  const extras = omitted > 0 ? { omittedQuantities: omitted } : {};
  const nothing: Answer = { answer: "", score: 0, start: 0, end: 0, source: "passage" };
  const [best] = answers;
  const window = best?.window ?? windows[0]!;
  const calls = [...window.calls];
  const rest = answers.slice(1).map(({ answer }) => answer);
  if (!config.no_answer) return { ...(best?.answer ?? nothing), calls, alternatives: rest, ...extras };

  const none = Math.min(...windows.map(({ start, end }) => start[0]! + end[0]!));
  const noAnswerScore = none - (candidates[0]?.logProb ?? Number.NEGATIVE_INFINITY);
  if (best && noAnswerScore <= limits.noAnswerThreshold) {
    return { ...best.answer, calls, alternatives: rest, noAnswerScore, ...extras };
  }
  const score = Math.exp(none - startTotal - endTotal);
  const alternatives = answers.slice(0, limits.alternatives).map(({ answer }) => answer);
  return { ...nothing, score, calls, alternatives, noAnswerScore, ...extras };
}

interface Layout {
  regions: Region[];
  /** The region of each token; -1 where no answer can be. */
  source: Int8Array;
  continuation: Uint8Array;
}

/** Where a window's tokens stand in question, passage and results. */
export function layOut(
  { text, calls, start }: ReadWindow,
  example: { passage: string; question: string },
  { config, limits, tokenizer, layers }: AnswerDecoder,
): Layout {
  const { features, question, passage } = text;
  const regions: Region[] = [
    { source: "passage", text: example.passage, encoded: passage, from: features.passageStart },
  ];
  let from = features.ids.length;
  for (const [call, { result }] of calls.entries()) {
    const encoded = tokenizer.tokenize(result);
    regions.push({ source: "function", text: result, encoded, from, ...(layers.length > 1 ? { call } : {}) });
    from += encoded.ids.length + 1;
  }
  if (config.answer_in_question) {
    regions.push({ source: "question", text: example.question, encoded: question, from: 1 });
  }
  const source = new Int8Array(start.length).fill(-1);
  const continuation = new Uint8Array(start.length);
  for (const [number, { encoded, from }] of regions.entries()) {
    for (let i = 0; i < encoded.ids.length; i++) {
      source[from + i] = number;
      if (limits.wholeWords && continues(encoded.ids, i, tokenizer)) continuation[from + i] = 1;
    }
  }
  return { regions, source, continuation };
}

/** Whether a token continues a word or number; the point of a decimal does. */
function continues(ids: Int32Array, at: number, tokenizer: DigitTokenizer): boolean {
  if (tokenizer.isContinuation(ids[at]!)) return true;
  return ids[at] === tokenizer.decimalPoint && at + 1 < ids.length && tokenizer.isContinuation(ids[at + 1]!);
}

/** log of the sum of exp(logit) over all tokens of all windows that may be an answer. */
function logTotal(
  logits: readonly ArrayLike<number>[],
  layouts: readonly Layout[],
  noAnswer: boolean,
): number {
  const values: number[] = [];
  for (const [i, { source }] of layouts.entries()) {
    for (let at = 0; at < source.length; at++) {
      if (source[at]! >= 0 || (noAnswer && at === 0)) values.push(logits[i]![at]!);
    }
  }
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (values.length === 0) return 0;
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
