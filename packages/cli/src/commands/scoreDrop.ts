import type { Command } from "commander";
import { describeScores, scoresDocument } from "../describeScores";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  gold: string;
  predictions: string;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    command
      .requiredOption("--gold <file>", "questions with answers in DROP's JSON form (.gz too)")
      .requiredOption("--predictions <file>", "JSON: { queryId: answer }, or lists of spans as answers"),
  ).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { evaluateDrop, readDrop, readPredictions } = await import("@symgrad/qa-model");
  const predictions = await readPredictions(options.predictions);
  // As in the official script a blank answer scores nothing, and is no mistake of the file.
  const questions = await readDrop(options.gold, { answers: "optional" });
  const report = evaluateDrop(questions, predictions);
  printResult(options.json, scoresDocument(report), () => describeScores(report));
}
