import type { SwappedQuestion } from "@symgrad/qa-model";
import { type Command, Option } from "commander";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  data: string;
  out: string;
  form: "pairs" | "examples";
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    command
      .requiredOption("--data <file>", "questions with answers in DROP's JSON form (.gz too)")
      .addOption(
        new Option(
          "--form <name>",
          "a line with both passages for each question, or a line for each passage as `eval qa` reads them",
        )
          .choices(["pairs", "examples"])
          .default("pairs"),
      )
      .requiredOption("--out <file>", "JSON Lines; - is stdout"),
  ).action(run);
}

async function run({ data, out, form, json }: Options): Promise<void> {
  if (json) reserveStdout();
  const { SymgradError } = await import("@symgrad/core");
  if (json && out === "-") {
    throw new SymgradError("E_USAGE", "--json and --out - both want stdout.", {
      hint: "name a file: --out swapped.jsonl",
    });
  }
  const { readDrop, swapComparedNumbers } = await import("@symgrad/qa-model");
  const { writeLines } = await import("../writeLines");
  const questions = await readDrop(data, { answers: "optional" });
  const swapped = swapComparedNumbers(questions);
  const rows: object[] = form === "pairs" ? swapped : swapped.flatMap(twoExamples);
  await writeLines(
    out,
    rows.map((row) => JSON.stringify(row)),
  );
  if (out === "-") return;
  printResult(
    json,
    { file: out, questions: questions.length, swapped: swapped.length },
    () =>
      `${swapped.length} of ${questions.length} questions compare two numbers that could be swapped: ${out}`,
  );
}

function twoExamples(swapped: SwappedQuestion): object[] {
  const { id, question } = swapped;
  return [
    { id: `${id}-orig`, passage: swapped.orig_passage, question, answer: swapped.orig_answer },
    { id: `${id}-other`, passage: swapped.other_passage, question, answer: swapped.other_answer },
  ];
}
