import { resolve } from "node:path";
import type { GradientReportRow, ProblemName } from "@symgrad/gumbel";
import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { wholeNumber, withJson } from "../options";
import { printResult, reserveStdout } from "../output";
import { createProgress } from "../progress";

interface Options {
  problem: ProblemName;
  samples: number;
  seed: number;
  plot?: string;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(command)
    .addOption(
      new Option("--problem <name>", "the loss whose gradient is estimated")
        .choices(["linear", "quadratic", "quartic", "calc"])
        .default("quadratic"),
    )
    .option("--samples <n>", "gradients drawn of each estimator", wholeNumber(2), 10_000)
    .option("--seed <n>", "names the draws; the problems are always the same", wholeNumber(0), 0)
    .option("--plot <file>", "draw bias against standard deviation, as SVG")
    .action(run);
}

async function run({ problem: name, samples, seed, plot, json }: Options): Promise<void> {
  if (json) reserveStdout();
  const { initBackend, key, writeFileAtomic } = await import("@symgrad/core");
  const { biasVarianceSvg, gradientProblem, gradientReport, laboratoryEstimators } = await import(
    "@symgrad/gumbel"
  );
  await initBackend();
  const problem = gradientProblem(name);
  const estimators = laboratoryEstimators({
    candidates: problem.logits.length,
    key: key(seed).fold("weights"),
  });
  const progress = await createProgress();
  const rows = await abortOnInterrupt(
    (signal) =>
      gradientReport(problem, estimators, {
        samples,
        key: key(seed),
        signal,
        onProgress: (done, total, note) => progress.update({ label: "measuring", done, total, note }),
      }),
    { stopping: "Stopping" },
  ).finally(() => {
    progress.stop();
    for (const estimator of estimators) if ("dispose" in estimator) estimator.dispose();
  });
  if (plot !== undefined) {
    await writeFileAtomic(resolve(plot), biasVarianceSvg(rows, `${name}, ${samples} draws, seed ${seed}`));
  }
  printResult(json, { rows }, () => table(rows));
}

function table(rows: readonly GradientReportRow[]): string {
  const header = [
    "estimator",
    "bias",
    "std. error",
    "std. deviation",
    "cosine",
    "evaluations",
    "us / gradient",
  ];
  const cells = rows.map((row) => [
    row.estimator,
    row.bias.toFixed(4),
    row.standardError.toFixed(4),
    row.standardDeviation.toFixed(3),
    row.cosine.toFixed(3),
    String(row.evaluations),
    (1000 * row.ms).toFixed(1),
  ]);
  const widths = header.map((_, i) => Math.max(...[header, ...cells].map((line) => line[i]!.length)));
  const show = (line: string[]) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return [
    show(header),
    ...cells.map(show),
    "",
    "Bias and deviations are relative to the length of the exact gradient.",
  ].join("\n");
}
