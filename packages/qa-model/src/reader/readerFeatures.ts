import { SymgradError } from "@symgrad/core";
import type { SymbolicLayer } from "@symgrad/symbolic-plugins";
import type { DigitTokenizer, TokenizedNumber, TokenizedText } from "../tokenization/digitTokenizer";
import { findAnswerSpans } from "../tokenization/findAnswerSpans";
import { findTimes } from "../tokenization/findTimes";
import type { AnswerHead } from "./answerHeads";
import { argumentLayout } from "./argumentLayout";
import { candidateChain, type FunctionRow, findComputed, findResultSpans } from "./functionRow";
import { prepareStages } from "./prepareStages";
import { findOccurrences, type WantedAnswers } from "./wantedAnswers";

/** One example as the model reads it; small typed arrays, so that a data set of them fits in memory. */
export interface ReaderFeatures {
  /** `[CLS] question [SEP] passage [SEP]`. */
  ids: Int32Array;
  /** Index of the passage's first token; the question's tokens are 1 to `passageStart - 2`. */
  passageStart: number;
  /**
   * Index of the first digit of each quantity, in order of occurrence: the question's, then the passage's. Behind them, for
   * a function of dates, the first token of each date or duration.
   */
  quantities: Int32Array;
  /** How many of the quantities stand in the question. */
  questionQuantities: number;
  /** For each function the candidates and what it returns for each; empty without a calculator. */
  stages: FunctionRow[];
}

/** What the losses need on top, from the answer. */
export interface ReaderTargets {
  /** Start and end token of each answer span in question and passage, in pairs; ends inclusive. */
  spans: Int32Array;
  /** For each function; empty without a calculator. */
  stages: StageTargets[];
  /** Text, start and end (inclusive) of each occurrence of the texts of an answer of several spans, in triples. */
  occurrences: Int32Array;
  /** The number from 0 to 9 that answers; -1 where none does. */
  count: number;
}

/** The answer among one function's candidates, each counted over this and all earlier stages. */
export interface StageTargets {
  /** Candidate, start and end of each answer span within a function result, in triples. */
  resultSpans: Int32Array;
  /** Candidates that compute the answer; of an earlier stage those with which a later one still can. */
  labels: Int32Array;
}

/** Whether a head can give the answer: a span, in the text or in a result, several, or a count. */
export function isCovered({ spans, stages, occurrences, count }: ReaderTargets): boolean {
  return (
    spans.length + occurrences.length > 0 ||
    count >= 0 ||
    stages.some(({ resultSpans }) => resultSpans.length > 0)
  );
}

/** A text with the offsets that lead back to it. */
export interface EncodedText {
  ids: Int32Array;
  /** Start and end of each token in UTF-16 units, in pairs. */
  offsets: Int32Array;
}

export interface FeatureOptions {
  tokenizer: DigitTokenizer;
  /** The functions as layers, in the order of their stages; empty without a calculator. */
  layers: readonly SymbolicLayer[];
  /** Longest sequence in tokens, the function's result included. */
  maximumTokens: number;
  /** How many quantities, and how many dates, become arguments; the first ones, where a text has more. */
  maximumQuantities: number;
  /** Whether an answer may stand in the question. */
  answerInQuestion: boolean;
  /** Whether the reader may say that there is no answer: it then points at [CLS]. */
  noAnswer: boolean;
  /** How the reader may answer. */
  heads: readonly AnswerHead[];
  /** How many tokens the windows of a passage that is too long have in common with the next one; at most half a window. */
  overlap: number;
}

/** An example, or a window of its passage, made ready, with what leads back to its texts. */
export interface PreparedText {
  /** Index of the example. */
  example: number;
  features: ReaderFeatures;
  question: EncodedText;
  /** The tokens of the window. */
  passage: EncodedText;
  /** Numbers and dates of question and passage that are candidates in no window, because there are too many. */
  omittedQuantities: number;
  /** The quantities as decimals without commas, in the order of `features.quantities`. */
  numbers: string[];
  /** Dates and durations as date arithmetic reads them, behind the quantities in `features.quantities`. */
  dates: string[];
  /** Which number of the text each of them is, counted over the question's and then the whole passage's. */
  places: number[];
  /** The same for dates. */
  datePlaces: number[];
}

/**
 * Prepares passages and questions: tokens, quantities, and what the function returns for each tuple of them. A passage
 * that is too long becomes several windows, which overlap (a document stride).
 *
 * @param where Names an example in errors.
 * @returns In order of the examples, and of the windows within an example.
 * @throws SymgradError `E_LENGTH` if a question, with the longest function result, leaves no room for the passage.
 */
export async function createReaderFeatures(
  examples: readonly { passage: string; question: string }[],
  options: FeatureOptions,
  where: (index: number) => string,
): Promise<PreparedText[]> {
  const { tokenizer, layers } = options;
  const wantsDates = layers.some((layer) => argumentLayout(layer.function).fields.has("dates"));
  const read = (text: string): ReadText => {
    const tokenized = tokenizer.tokenize(text);
    return { ...tokenized, dates: wantsDates ? locateTimes(text, tokenized) : [] };
  };
  const texts = examples.map(({ question, passage }) => ({
    question: read(question),
    passage: read(passage),
  }));
  const whole = texts.map(({ question, passage }, example) =>
    assemble(example, question, passage, 0, passage.ids.length, options),
  );
  await addResults(whole, options);
  const windows = await Promise.all(
    whole.map((text) => splitWindows(text, texts[text.example]!, options, where)),
  );
  if (layers.length > 0) for (const [i, text] of texts.entries()) countOmitted(windows[i]!, text);
  return windows.flat();
}

/** Says in each window how many values of the whole text are candidates in none. */
function countOmitted(
  windows: readonly PreparedText[],
  { question, passage }: { question: ReadText; passage: ReadText },
): void {
  const kept = (places: (window: PreparedText) => number[]) => new Set(windows.flatMap(places)).size;
  const all = [question, passage].reduce((sum, { numbers, dates }) => sum + numbers.length + dates.length, 0);
  const omitted = all - kept((window) => window.places) - kept((window) => window.datePlaces);
  for (const window of windows) window.omittedQuantities = omitted;
}

/** The text itself if it fits, or else windows of its passage. */
async function splitWindows(
  whole: PreparedText,
  { question, passage }: { question: ReadText; passage: ReadText },
  options: FeatureOptions,
  where: (index: number) => string,
): Promise<PreparedText[]> {
  let windows = [whole];
  for (;;) {
    // Other quantities of a window may have a longer result than those before: then all windows are cut anew.
    const behind = windows.reduce(
      (most, { features }) =>
        Math.max(
          most,
          features.stages.reduce((sum, { longest }) => sum + longest + 1, 0),
        ),
      0,
    );
    const fits = ({ features }: PreparedText) => features.ids.length + behind <= options.maximumTokens;
    if (windows.every(fits)) return windows;
    const room = options.maximumTokens - question.ids.length - 3 - behind;
    if (room < 1) {
      throw new SymgradError(
        "E_LENGTH",
        `the question takes ${question.ids.length} tokens and the function's longest result ${behind}, the reader reads ${options.maximumTokens}.`,
        { where: where(whole.example), hint: "shorten the question, or use a reader that reads more tokens" },
      );
    }
    const starts = [0];
    // Windows that had more in common than not would be many, and say little new.
    const stride = room - Math.min(options.overlap, Math.floor(room / 2));
    while (starts.at(-1)! + room < passage.ids.length) starts.push(starts.at(-1)! + stride);
    windows = starts.map((from) =>
      assemble(whole.example, question, passage, from, Math.min(passage.ids.length, from + room), options),
    );
    await addResults(windows, options);
  }
}

async function addResults(
  texts: readonly PreparedText[],
  { layers, tokenizer }: FeatureOptions,
): Promise<void> {
  if (texts.length === 0) return;
  const stages = await prepareStages(texts, layers, tokenizer);
  for (const [i, text] of texts.entries()) text.features.stages = stages[i]!;
}

/** `[CLS] question [SEP] window [SEP]`, of the passage's tokens `from` to `to` (exclusive). */
function assemble(
  example: number,
  question: ReadText,
  passage: ReadText,
  from: number,
  to: number,
  { tokenizer, maximumQuantities }: FeatureOptions,
): PreparedText {
  const { special } = tokenizer;
  const passageStart = question.ids.length + 2;
  const ids = new Int32Array(passageStart + to - from + 1);
  ids[0] = special.cls;
  ids.set(question.ids, 1);
  ids[passageStart - 1] = special.sep;
  ids.set(passage.ids.subarray(from, to), passageStart);
  ids[ids.length - 1] = special.sep;

  /** Those of the question, then those that are whole in the window. */
  const place = (inQuestion: readonly LocatedValue[], inPassage: readonly LocatedValue[]) => [
    ...inQuestion.map(({ value, firstToken }, place) => ({ value, token: 1 + firstToken, place })),
    ...inPassage.flatMap(({ value, firstToken, tokenCount }, i) =>
      firstToken < from || firstToken + tokenCount > to
        ? []
        : [{ value, token: passageStart + firstToken - from, place: inQuestion.length + i }],
    ),
  ];
  const numbers = place(question.numbers, passage.numbers);
  const dates = place(question.dates, passage.dates);
  const kept = numbers.slice(0, maximumQuantities);
  const keptDates = dates.slice(0, maximumQuantities);
  return {
    example,
    features: {
      ids,
      passageStart,
      quantities: Int32Array.from([...kept, ...keptDates], ({ token }) => token),
      questionQuantities: Math.min(question.numbers.length, kept.length),
      stages: [],
    },
    question,
    passage: { ids: passage.ids.subarray(from, to), offsets: passage.offsets.subarray(2 * from, 2 * to) },
    numbers: kept.map(({ value }) => value),
    dates: keptDates.map(({ value }) => value),
    places: kept.map(({ place }) => place),
    datePlaces: keptDates.map(({ place }) => place),
    omittedQuantities: 0,
  };
}

/** A value and the tokens that write it. */
type LocatedValue = Pick<TokenizedNumber, "value" | "firstToken" | "tokenCount">;

interface ReadText extends TokenizedText {
  dates: LocatedValue[];
}

/** The tokens of a text's dates and durations. */
function locateTimes(text: string, { ids, offsets }: TokenizedText): LocatedValue[] {
  let token = 0;
  return findTimes(text).flatMap(({ value, start, end }) => {
    while (token < ids.length && offsets[2 * token + 1]! <= start) token++;
    const firstToken = token;
    while (token < ids.length && offsets[2 * token]! < end) token++;
    return token > firstToken ? [{ value, firstToken, tokenCount: token - firstToken }] : [];
  });
}

/**
 * Finds the answer: every span of question and passage that equals it, every span of every function result that does,
 * and the candidates that compute it.
 *
 * @param wanted The texts that are right alone, or these with what other heads are to say; each span and each candidate is
 *   listed once.
 * @param marked The spans of the passage that are the answer, first and last token; without it, all that equal it.
 */
export function createReaderTargets(
  features: ReaderFeatures,
  wanted: readonly string[] | WantedAnswers,
  { tokenizer, layers, answerInQuestion, noAnswer }: FeatureOptions,
  marked?: readonly (readonly [start: number, end: number])[],
): ReaderTargets {
  const { texts: answers, lists, count } = isTexts(wanted) ? { texts: wanted, lists: [], count: -1 } : wanted;
  const { ids, passageStart } = features;
  const spans = new TupleSet();
  const inText = [[passageStart, ids.length - 1] as const];
  if (answerInQuestion) inText.unshift([1, passageStart - 1]);
  for (const span of marked ?? []) spans.add(span);
  for (const answer of answers) {
    const answerIds = tokenizer.encode(answer);
    for (const [from, to] of marked ? [] : inText) {
      const found = findAnswerSpans(
        ids.subarray(from, to),
        answerIds,
        (id) => tokenizer.isContinuation(id),
        tokenizer.decimalPoint,
      );
      for (const [start, end] of found) spans.add([from + start, from + end]);
    }
  }
  const targets = {
    spans: spans.flat(),
    stages: stageTargets(features.stages, answers, layers, tokenizer),
    occurrences: findOccurrences(ids, inText, lists, tokenizer),
    count: count ?? -1,
  };
  // [CLS] says that nothing here is the answer.
  return noAnswer && !isCovered(targets) ? { ...targets, spans: Int32Array.of(0, 0) } : targets;
}

const isTexts = (wanted: readonly string[] | WantedAnswers): wanted is readonly string[] =>
  Array.isArray(wanted);

function stageTargets(
  rows: readonly FunctionRow[],
  answers: readonly string[],
  layers: readonly SymbolicLayer[],
  tokenizer: DigitTokenizer,
): StageTargets[] {
  const computed = new TupleSet();
  const last = rows.at(-1);
  for (const answer of last ? answers : []) {
    for (const candidate of findComputed(last!, answer)) computed.add([candidate]);
  }
  const chains = Array.from(computed.flat(), (candidate) => candidateChain(rows, candidate));
  return rows.map((row, stage) => {
    const resultSpans = new TupleSet();
    for (const answer of answers) {
      const ids = tokenizer.encode(answer);
      for (const span of findResultSpans(row, ids, layers[stage]!, tokenizer)) resultSpans.add(span);
    }
    const labels = new TupleSet();
    for (const chain of chains) labels.add([chain[stage]!]);
    return { resultSpans: resultSpans.flat(), labels: labels.flat() };
  });
}

/** Small tuples of whole numbers, each kept once, in order of arrival. */
class TupleSet {
  readonly #seen = new Set<string>();
  readonly #values: number[] = [];

  add(tuple: readonly number[]): void {
    const name = tuple.join();
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    this.#values.push(...tuple);
  }

  flat(): Int32Array {
    return Int32Array.from(this.#values);
  }
}
