import type { ReaderExample } from "./evaluateReader";
import { markedSpans } from "./markedSpans";
import {
  createReaderTargets,
  type FeatureOptions,
  type PreparedText,
  type ReaderTargets,
} from "./readerFeatures";
import { wantedAnswers } from "./wantedAnswers";

/** Which windows of a long passage training takes. */
export type TrainedWindows = "all" | "first";

/** Which spans of the text are the answer: those that the data marks, or all that equal it. */
export type GoldSpans = "marked" | "equal";

export const TRAINED_WINDOWS: readonly string[] = ["all", "first"] satisfies TrainedWindows[];
export const GOLD_SPANS: readonly string[] = ["marked", "equal"] satisfies GoldSpans[];

export interface TrainingWindowOptions extends FeatureOptions {
  windows: TrainedWindows;
  goldSpans: GoldSpans;
}

/** A window of a passage that training takes, and its answers. */
export interface TrainingWindow {
  window: PreparedText;
  targets: ReaderTargets;
  /** Whether it holds the answer or computes it. */
  holds: boolean;
}

/**
 * What training takes of an example: "first", the first window that holds the answer or computes it; "all", every such
 * window, and, for a reader that may give no answer, every other one too, with [CLS] as its answer. Where no window holds
 * the answer, the first is taken, unless all are.
 *
 * @param windows All windows of one example, in order; at least one.
 */
export function trainingWindows(
  windows: readonly PreparedText[],
  example: ReaderExample,
  options: TrainingWindowOptions,
): TrainingWindow[] {
  const marks = options.goldSpans === "marked" ? (example.spans ?? []) : [];
  const wanted = wantedAnswers(example, options.heads);
  const known = windows.map((window): TrainingWindow => {
    const marked = marks.length > 0 ? markedSpans(window, marks) : undefined;
    const targets = createReaderTargets(window.features, wanted, options, marked);
    const { spans, stages, occurrences } = targets;
    // What is not the answer points at [CLS], the first token.
    const found = spans.length > 0 && spans[1] !== 0;
    const called = stages.some(({ resultSpans, labels }) => resultSpans.length + labels.length > 0);
    return { window, targets, holds: found || called || occurrences.length > 0 };
  });
  const holding = known.filter(({ holds }) => holds);
  if (options.windows === "first") return [holding[0] ?? known[0]!];
  if (options.noAnswer) return known;
  return holding.length > 0 ? holding : [known[0]!];
}

/** Windows by their example, whose numbers are 0 to `count` - 1. */
export function groupWindows(texts: readonly PreparedText[], count: number): PreparedText[][] {
  const groups: PreparedText[][] = Array.from({ length: count }, () => []);
  for (const text of texts) groups[text.example]!.push(text);
  return groups;
}
