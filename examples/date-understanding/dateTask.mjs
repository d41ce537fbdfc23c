import { straightThrough } from "@symgrad/gumbel";
import { consistentCandidates, createRegistry, gatherKept } from "@symgrad/symbolic-plugins";
import * as tf from "@tensorflow/tfjs";
import { questionWords, windowWords } from "./dateNetwork.mjs";
import { dateQuestion } from "./dateQuestion.mjs";
import {
  durationIndexOf,
  mostDates,
  mostDurations,
  readQuestion,
  relationOf,
  relations,
} from "./readQuestion.mjs";

const contextWords = 48;

/** Digits and "-": all that a date's text is made of. */
const characters = "0123456789-";
const vocabulary = {
  size: characters.length,
  id: (token) => (characters.includes(token.at(-1)) ? characters.indexOf(token.at(-1)) : undefined),
  token: (id) => characters[id],
  encode: (text) => Array.from(text, (character) => characters.indexOf(character)),
};

export const layer = createRegistry([dateQuestion]).layer(dateQuestion.name, {
  estimator: straightThrough({ temperature: 1 }),
  vocabulary,
});

/** The words of these questions that occur twice or more; id 0 is no word, 1 any other. */
export function collectWords(examples) {
  const counts = new Map();
  for (const { context, question } of examples) {
    const { words, questionWords } = readQuestion(context, question);
    for (const word of [...words, ...questionWords]) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const known = [...counts].filter(([, count]) => count > 1).map(([word]) => word);
  return new Map(known.map((word, i) => [word, i + 2]));
}

/** Reads a question and runs the function for everything it may be asked; kept between epochs. */
export function prepareQuestion({ context, question, answer }, words) {
  const read = readQuestion(context, question);
  const [row] = layer.prepareRowsSync(layer.candidates([read]));
  const id = (word) => (word === "" ? 0 : (words.get(word) ?? 1));
  const ids = (list, length) => Array.from({ length }, (_, i) => id(list[i] ?? ""));
  const windows = (list, count) => Array.from({ length: count }, (_, i) => ids(list[i] ?? [], windowWords));
  const tuples = Array.from({ length: row.count }, (_, i) => row.tuples.subarray(3 * i, 3 * i + 3));
  return {
    row,
    positives: answer === undefined ? [] : consistentCandidates(row, ({ text }) => text === answer),
    context: ids(read.words, contextWords),
    dates: windows(read.dateWindows, mostDates),
    durations: windows(read.durationWindows, mostDurations),
    question: ids(read.questionWords, questionWords),
    relationOf: tuples.map(([date, step]) => date * relations + relationOf(step)),
    durationOf: tuples.map(([, step]) => durationIndexOf(step) + 1),
    questionOf: tuples.map(([, , step]) => step),
  };
}

/** A batch as tensors, of one shape for the same `candidates`. The caller disposes them. */
export function collateQuestions(prepared, candidates) {
  const int = (list) => tf.tensor(list, undefined, "int32");
  const padded = (list) => Array.from({ length: candidates }, (_, i) => list[i] ?? 0);
  const labels = prepared.map(({ positives }) => {
    const row = new Array(candidates).fill(0);
    for (const candidate of positives) row[candidate] = 1;
    return row;
  });
  const { mask, ids, lengths } = layer.collate(
    prepared.map(({ row }) => row),
    { candidates, length: 10 },
  );
  tf.dispose([ids, lengths]);
  return {
    words: {
      context: int(prepared.map(({ context }) => context)),
      dates: int(prepared.map(({ dates }) => dates)),
      durations: int(prepared.map(({ durations }) => durations)),
      question: int(prepared.map(({ question }) => question)),
    },
    relationOf: int(prepared.map(({ relationOf }) => padded(relationOf))),
    durationOf: int(prepared.map(({ durationOf }) => padded(durationOf))),
    questionOf: int(prepared.map(({ questionOf }) => padded(questionOf))),
    mask,
    labels: tf.tensor2d(labels),
  };
}

/** One score per candidate, `[batch, candidates]`: a candidate's score is the sum of those of its three choices. */
export function scoreCandidates(network, { words, relationOf, durationOf, questionOf }) {
  const scores = network.apply(words);
  return gatherKept(scores.relation, relationOf)
    .add(gatherKept(scores.duration, durationOf))
    .add(gatherKept(scores.question, questionOf));
}
