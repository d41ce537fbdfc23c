import { type Command, Option } from "commander";
import { describeScores, scoresDocument } from "../describeScores";
import { probability, withJson } from "../options";
import { printResult, reserveStdout } from "../output";

interface Options {
  gold: string;
  predictions: string;
  squad?: "1" | "2";
  naProbabilities?: string;
  naThreshold?: number;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(
    command
      .requiredOption("--gold <file>", "questions with answers in SQuAD's JSON form (.gz too)")
      .requiredOption(
        "--predictions <file>",
        'JSON: { id: answer }; "" says that nothing answers the question',
      )
      .addOption(
        new Option("--squad <version>", "score by the rules of 1.1 or 2.0 (default: the file's own)").choices(
          ["1", "2"],
        ),
      )
      .option("--na-probabilities <file>", "JSON: { id: how likely nothing answers the question }")
      .option("--na-threshold <p>", "above it the answer counts as none (default: 1)", probability),
  ).action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { evaluateSquad, readProbabilities, readSquad, readTextPredictions } = await import(
    "@symgrad/qa-model"
  );
  const { squad, naProbabilities, naThreshold } = options;
  const predictions = await readTextPredictions(options.predictions);
  const data = await readSquad(options.gold, { answers: "optional" });
  const report = evaluateSquad(squad ? { ...data, version: squad === "1" ? 1 : 2 } : data, predictions, {
    ...(naProbabilities ? { noAnswerProbabilities: await readProbabilities(naProbabilities) } : {}),
    noAnswerThreshold: naThreshold,
  });
  printResult(options.json, scoresDocument(report), () => describeScores(report));
}
