import {
  createReaderTargets,
  type FeatureOptions,
  type PreparedText,
  type ReaderTargets,
} from "./readerFeatures";

/** The window of a long passage that training takes, and its answers. */
export interface TrainingWindow {
  window: PreparedText;
  targets: ReaderTargets;
}

/**
 * Of an example's windows the first that holds the answer or computes it; where none does, the first.
 *
 * @param windows All windows of one example, in order; at least one.
 */
export function trainingWindow(
  windows: readonly PreparedText[],
  answers: readonly string[],
  options: FeatureOptions,
): TrainingWindow {
  const strict = { ...options, noAnswer: false };
  const holds = ({ features }: PreparedText) => {
    const { spans, resultSpans, labels } = createReaderTargets(features, answers, strict);
    return spans.length + resultSpans.length + labels.length > 0;
  };
  const window = windows.length === 1 ? windows[0]! : (windows.find(holds) ?? windows[0]!);
  return { window, targets: createReaderTargets(window.features, answers, options) };
}

/** Windows by their example, whose numbers are 0 to `count` - 1. */
export function groupWindows(texts: readonly PreparedText[], count: number): PreparedText[][] {
  const groups: PreparedText[][] = Array.from({ length: count }, () => []);
  for (const text of texts) groups[text.example]!.push(text);
  return groups;
}
