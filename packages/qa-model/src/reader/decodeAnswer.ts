import { answerHeads } from "./answerHeads";
import { decodeSpanAnswer, layOut } from "./decodeSpanAnswer";
import { decodeTags } from "./decodeTags";
import type { Answer, AnswerPart, AnswerSource, Prediction } from "./prediction";
import type { AnswerDecoder, ReadWindow } from "./readWindow";

/**
 * The answer of a reader to a text: that of the head that is most probable over all windows and has one, else of the next.
 */
export function decodeAnswer(
  windows: readonly ReadWindow[],
  example: { passage: string; question: string },
  reader: AnswerDecoder,
): Prediction {
  const span = decodeSpanAnswer(windows, example, reader);
  const names = answerHeads(reader.config);
  if (names.length === 1) return span;
  const types = exponentials(meanLogProbs(windows.map(({ heads }) => heads!.types)));
  const { call: _, noAnswerScore: __, ...others } = span;
  const order = [...names.keys()].sort((a, b) => types[b]! - types[a]!);
  for (const place of order) {
    const head = names[place]!;
    const score = types[place]!;
    if (head === "span") return { ...span, head, score: span.score * score };
    if (head === "count") return { ...others, ...decodeCount(windows, score), head };
    const spans = decodeSeveral(windows, example, reader);
    if (spans.length > 0) return { ...others, ...joinSpans(spans, score), head, spans };
  }
  return span;
}

/** The most probable number, by the mean over windows. */
function decodeCount(windows: readonly ReadWindow[], score: number): Answer {
  const probs = exponentials(meanLogProbs(windows.map(({ heads }) => heads!.count!)));
  const best = probs.reduce((a, prob, number) => (prob > probs[a]! ? number : a), 0);
  return { answer: String(best), score: score * probs[best]!, start: 0, end: 0, source: "passage" };
}

/** The tagged spans of all windows; windows overlap, so that each place counts once. */
function decodeSeveral(
  windows: readonly ReadWindow[],
  example: { passage: string; question: string },
  reader: AnswerDecoder,
): AnswerPart[] {
  const parts = new Map<string, AnswerPart>();
  for (const window of windows) {
    const { source: region, continuation, regions } = layOut({ ...window, calls: [] }, example, reader);
    const source = region.subarray(0, window.text.features.ids.length);
    for (const { start, end, score } of decodeTags({ tags: window.heads!.tags!, source, continuation })) {
      const { encoded, text, source: name, from } = regions[source[start]!]!;
      const begin = encoded.offsets[2 * (start - from)]!;
      const stop = encoded.offsets[2 * (end - from) + 1]!;
      parts.set(`${name} ${begin} ${stop}`, {
        answer: text.slice(begin, stop),
        score,
        start: begin,
        end: stop,
        source: name,
      });
    }
  }
  const order: AnswerSource[] = ["passage", "question"];
  return [...parts.values()].sort(
    (a, b) => order.indexOf(a.source) - order.indexOf(b.source) || a.start - b.start,
  );
}

/** One text for several spans; the score is that all of them are right. */
function joinSpans(spans: readonly AnswerPart[], score: number): Answer {
  return {
    answer: spans.map(({ answer }) => answer).join(", "),
    score: spans.reduce((product, span) => product * span.score, score),
    start: spans[0]!.start,
    end: spans.at(-1)!.end,
    source: spans[0]!.source,
  };
}

/** Log-probabilities of some classes, the mean over several readings. */
function meanLogProbs(readings: readonly ArrayLike<number>[]): number[] {
  const logProbs = readings.map((logits) => {
    const values = Array.from(logits);
    const largest = Math.max(...values);
    const total = largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    return values.map((value) => value - total);
  });
  return logProbs[0]!.map((_, i) => logProbs.reduce((sum, row) => sum + row[i]!, 0) / logProbs.length);
}

const exponentials = (values: readonly number[]) => values.map(Math.exp);
