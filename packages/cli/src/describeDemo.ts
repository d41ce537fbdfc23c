import { join, resolve } from "node:path";
import type { ReaderEvaluation, TrainingPreset } from "@symgrad/qa-model";

import { describePrediction } from "./describePrediction";
import type { DemoOutcome } from "./learnDemo";
import { ownCommand } from "./ownCommand";
import { percent, percentNumber } from "./percent";
import { formatDuration } from "./progress";

/** The demo's one JSON document; scores in percent. */
export function demoDocument(setting: TrainingPreset, outcome: DemoOutcome): object {
  const { type, transfer, people, digits } = setting;
  const { trained, untrained, withoutCalculator, seconds } = outcome;
  return {
    f1: percentNumber(trained.f1),
    termAccuracy: percentNumber(trained.termAccuracy),
    seconds,
    setting: { type, transfer, people, digits },
    untrained: { f1: percentNumber(untrained.f1), termAccuracy: percentNumber(untrained.termAccuracy) },
    withoutCalculator: { f1: percentNumber(withoutCalculator.f1) },
    examples: outcome.examples.map(({ example, prediction }) => ({
      passage: example.passage,
      question: example.question,
      gold: example.answer,
      ...prediction,
    })),
    runDirectory: resolve(outcome.runDirectory),
  };
}

/** The same for people: the table, the worked predictions, and where to look next. */
export function describeDemo(setting: TrainingPreset, outcome: DemoOutcome): string {
  const { trained, untrained, withoutCalculator, seconds, examples, runDirectory } = outcome;
  const row = (name: string, f1: string, terms: string) =>
    `  ${name.padEnd(34)} ${f1.padStart(6)} ${terms.padStart(14)}`;
  const scores = (name: string, { f1, termAccuracy }: ReaderEvaluation) =>
    row(name, percent(f1), percent(termAccuracy));
  const lines = [
    `Who has how much after something was given away: ${setting.people} people, ${setting.digits} digits,`,
    `${trained.count} unseen questions, trained in ${formatDuration(seconds)}.`,
    "",
    row("", "F1", "term accuracy"),
    scores("untrained", untrained),
    scores("without a calculator, same budget", withoutCalculator),
    scores("with a calculator", trained),
  ];
  for (const { example, prediction } of examples) {
    lines.push("", `Passage:    ${example.passage}`, `Question:   ${example.question}`);
    lines.push(describePrediction(prediction), `Expected:   ${example.answer}`);
  }
  lines.push(
    "",
    `Run directory: ${runDirectory}`,
    `Score it again: ${ownCommand()} eval qa ${runDirectory} --data ${join(runDirectory, "evaluation.jsonl")}`,
  );
  return lines.join("\n");
}
