import type { Prediction, Reader } from "@symgrad/qa-model";
import type { Command } from "commander";
import { describePrediction } from "../describePrediction";
import { abortOnInterrupt } from "../interrupt";
import { openReader, type ReaderOptions } from "../openReader";
import { withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout, say } from "../output";
import { createProgress } from "../progress";

interface Options extends ReaderOptions {
  passage?: string;
  question?: string;
  data?: string;
  out?: string;
  naProbabilities?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "a run directory, a saved reader, or a Hugging Face model that answers questions")
    .option("--passage <text>", "the text to read")
    .option("--question <text>", "what to find in it")
    .option("--data <file>", "many questions instead: JSON Lines with id, passage and question")
    .option("--out <file>", "with --data: where to write { id: answer } (default: stdout)")
    .option(
      "--na-probabilities <file>",
      "with --data: also write { id: how likely nothing answers }; every answer is then given, for `score squad` to leave out",
    );
  withJson(withThreads(withPlugins(command))).action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { SymgradError, writeFileAtomic } = await import("@symgrad/core");
  const { readExamples } = await import("@symgrad/qa-model");
  const { passage, question, data, out, naProbabilities } = options;
  const forMany = data ?? out ?? naProbabilities;
  const one = passage !== undefined && question !== undefined && forMany === undefined;
  const many = passage === undefined && question === undefined && data !== undefined;
  if (!one && !many) {
    throw new SymgradError(
      "E_USAGE",
      "give either --passage and --question, or --data (and --out, --na-probabilities).",
    );
  }
  const examples = many ? await readExamples(data, { answers: "optional" }) : [];
  const reader = await openReader(folder, options);
  try {
    if (one) {
      const [prediction] = await reader.predict([{ passage, question }]);
      printResult(options.json, prediction, () => describePrediction(prediction!));
      return;
    }
    const predictions = await abortOnInterrupt((signal) => predictAll(reader, examples, signal), {
      stopping: "Stopping",
    });
    const pruned = predictions.filter(({ omittedQuantities = 0 }) => omittedQuantities > 0).length;
    if (pruned > 0) {
      say(`symgrad: ${pruned} texts have more numbers than the reader considers; those beyond are left out.`);
    }
    if (naProbabilities !== undefined)
      await writeProbabilities(naProbabilities, reader, examples, predictions);
    const answers = await answersById(examples, predictions, naProbabilities === undefined);
    const document = `${JSON.stringify(answers, undefined, 2)}\n`;
    if (out === undefined) {
      printResult(options.json, answers, () => document);
      return;
    }
    await writeFileAtomic(out, document);
    const count = examples.length;
    printResult(options.json, { file: out, count }, () => `${count} answers in ${out}`);
  } finally {
    reader.dispose();
  }
}

async function predictAll(
  reader: Reader,
  examples: readonly { passage: string; question: string }[],
  signal: AbortSignal,
): Promise<Prediction[]> {
  const { SymgradError } = await import("@symgrad/core");
  const progress = await createProgress();
  const predictions: Prediction[] = [];
  const portion = 256;
  try {
    for (let from = 0; from < examples.length; from += portion) {
      if (signal.aborted) throw new SymgradError("E_ABORT", "stopped; nothing was written.");
      predictions.push(...(await reader.predict(examples.slice(from, from + portion))));
      progress.update({ label: "answering", done: predictions.length, total: examples.length });
    }
  } finally {
    progress.stop();
  }
  return predictions;
}

type Identified = readonly { id: string | number }[];

/** What SQuAD 2.0's script takes beside the answers. */
async function writeProbabilities(
  file: string,
  reader: Reader,
  examples: Identified,
  predictions: readonly Prediction[],
): Promise<void> {
  const { SymgradError, writeFileAtomic } = await import("@symgrad/core");
  const { noAnswerProbability } = await import("@symgrad/qa-model");
  if (!reader.config.no_answer) {
    throw new SymgradError("E_USAGE", "this reader always answers: it has no probability of no answer.", {
      hint: "leave --na-probabilities out, or train on data with impossible questions",
    });
  }
  const probabilities = Object.fromEntries(
    predictions.map((prediction, i) => [String(examples[i]!.id), noAnswerProbability(prediction)] as const),
  );
  await writeFileAtomic(file, `${JSON.stringify(probabilities, undefined, 2)}\n`);
}

/** An id that comes twice keeps its last answer, and is told. */
async function answersById(
  examples: Identified,
  predictions: readonly Prediction[],
  mayBeNone: boolean,
): Promise<Record<string, string | string[]>> {
  const { givenAnswer, predictedAnswer } = await import("@symgrad/qa-model");
  const answers = Object.fromEntries(
    predictions.map((prediction, i) => {
      const answer = mayBeNone ? predictedAnswer(prediction) : givenAnswer(prediction);
      return [String(examples[i]!.id), answer] as const;
    }),
  );
  const repeated = examples.length - Object.keys(answers).length;
  if (repeated > 0) say(`symgrad: ${repeated} ids come more than once; the last answer of each is kept.`);
  return answers;
}
