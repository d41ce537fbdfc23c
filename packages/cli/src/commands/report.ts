import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Reader, ReaderAnalysis, ReaderExample, SwapPair } from "@symgrad/qa-model";
import type { Command } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { openReader, type ReaderOptions } from "../openReader";
import { wholeNumber, withJson, withPlugins, withThreads } from "../options";
import { printResult, reserveStdout } from "../output";
import { percentNumber } from "../percent";
import { createProgress } from "../progress";

interface Options extends ReaderOptions {
  data?: string;
  swap?: string;
  examples: number;
  digitExamples: number;
  out?: string;
  json?: boolean;
}

export function define(command: Command): void {
  command
    .argument("<dir>", "a run directory, or a saved reader")
    .option("--data <file>", "examples with answers, for scores, use of the function and explanations")
    .option(
      "--swap <file>",
      "a DROP file whose comparison questions are asked with their numbers swapped as well",
    )
    .option("--examples <n>", "how many of the examples to explain", wholeNumber(0), 4)
    .option(
      "--digit-examples <n>",
      "where --data is synthetic: how many stories to tell anew with numbers of each of some other lengths",
      wholeNumber(0),
      100,
    )
    .option("--out <file>", "where to write the page (default: report.html in the directory)");
  withJson(withThreads(withPlugins(command))).action(run);
}

async function run(folder: string, options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { RunDirectory, writeFileAtomic } = await import("@symgrad/core");
  const { readExamples, renderReport } = await import("@symgrad/qa-model");
  const data = options.data === undefined ? [] : await readExamples(options.data);
  const swapped = options.swap === undefined ? [] : await swapPairs(options.swap);
  const run = existsSync(join(folder, "metrics.jsonl")) ? await RunDirectory.open(folder) : undefined;
  const metrics = await run?.readMetrics();
  const reader = await openReader(folder, options);
  const analyzed = await (data.length > 0
    ? analyze(reader, data, swapped, options)
    : Promise.resolve(undefined)
  ).finally(() => reader.dispose());
  const file = options.out ?? join(folder, "report.html");
  await writeFileAtomic(
    file,
    renderReport({
      name: folder,
      config: { ...(run?.config ?? { reader: reader.config }) },
      metrics,
      analysis: analyzed?.analysis,
      explanations: analyzed?.explanations,
    }),
  );
  printResult(options.json, { file, ...summary(analyzed?.analysis) }, () => `The report is ${file}`);
}

async function analyze(
  reader: Reader,
  data: readonly ReaderExample[],
  swapped: readonly SwapPair[],
  { examples: count, digitExamples }: Options,
) {
  const { key } = await import("@symgrad/core");
  const { analyzeReader, Explainer } = await import("@symgrad/qa-model");
  const progress = await createProgress();
  const onProgress = (done: number, total: number) => progress.update({ label: "scoring", done, total });
  return abortOnInterrupt(
    async (signal) => {
      const options = { key: key(0), swapped, digitExamples, onProgress, signal };
      const analysis = await analyzeReader(reader, data, options);
      const explainer = new Explainer(reader);
      const explanations = [];
      // Several spans and counts have no explanation.
      const explained = data
        .filter((_, i) => (analysis.predictions[i]!.head ?? "span") === "span")
        .slice(0, count);
      for (const [done, example] of explained.entries()) {
        explanations.push(await explainer.explain(example));
        progress.update({ label: "explaining", done: done + 1, total: explained.length });
      }
      explainer.dispose();
      return { analysis, explanations };
    },
    { stopping: "Stopping" },
  ).finally(() => progress.stop());
}

async function swapPairs(file: string): Promise<SwapPair[]> {
  const { readDrop, swapComparedNumbers } = await import("@symgrad/qa-model");
  return swapComparedNumbers(await readDrop(file)).map((one) => ({
    original: { question: one.question, passage: one.orig_passage, answer: one.orig_answer },
    swapped: { question: one.question, passage: one.other_passage, answer: one.other_answer },
  }));
}

/** The page's numbers, in percent. */
function summary(analysis: ReaderAnalysis | undefined) {
  if (!analysis) return {};
  const { f1, exactMatch, termAccuracy, count, usage, swap, otherDigits = [] } = analysis;
  return {
    count,
    f1: percentNumber(f1),
    exactMatch: percentNumber(exactMatch),
    termAccuracy: percentNumber(termAccuracy),
    called: percentNumber(usage?.called),
    permutationDrop: percentNumber(usage?.permutation?.drop),
    otherDigits: otherDigits.map((one) => ({
      digits: Number(one.name),
      count: one.count,
      f1: percentNumber(one.f1),
      exactMatch: percentNumber(one.exactMatch),
      termAccuracy: percentNumber(one.termAccuracy),
    })),
    swap: swap ? { count: swap.count, consistent: percentNumber(swap.consistent) } : null,
  };
}
