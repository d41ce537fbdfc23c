import { type Command, Option } from "commander";
import { abortOnInterrupt } from "../interrupt";
import { probability, wholeNumber, withJson } from "../options";
import { printResult, reserveStdout } from "../output";
import { createProgress } from "../progress";

interface Options {
  type: "argmax" | "max" | "mix" | "difference";
  transfer?: boolean;
  count: number;
  seed: number;
  people: number;
  digits?: number;
  maxDigits?: number;
  bias?: number;
  wording?: "table2" | "shared";
  out: string;
  json?: boolean;
}

export function define(command: Command): void {
  withJson(command)
    .addOption(
      new Option(
        "--type <type>",
        "what is asked: who has more, how many, both by a fair coin, or how many more",
      )
        .choices(["argmax", "max", "mix", "difference"])
        .makeOptionMandatory(),
    )
    .option("--transfer", "someone gives a part away after the amounts are told (default)")
    .option("--no-transfer", "the amounts stay as they are told")
    .requiredOption("--count <n>", "number of examples", wholeNumber(1))
    .option("--seed <n>", "the same seed, setting and line number give the same example", wholeNumber(0), 0)
    .option("--people <n>", "people in a passage", wholeNumber(0), 10)
    .addOption(
      new Option("--digits <n>", "every number has this many digits (default: 7)")
        .argParser(wholeNumber(0))
        .conflicts("maxDigits"),
    )
    .addOption(
      new Option("--max-digits <n>", "numbers have one to this many digits").argParser(wholeNumber(0)),
    )
    .option("--bias <p>", "probability that the person named first wins (default: 0.5)", probability)
    .addOption(
      new Option(
        "--wording <name>",
        "questions as in the paper's table 2 (default), or shared but for their first word",
      ).choices(["table2", "shared"]),
    )
    .requiredOption("--out <file>", "JSON Lines, one example a line; - is stdout")
    .action(run);
}

async function run(options: Options): Promise<void> {
  if (options.json) reserveStdout();
  const { SymgradError } = await import("@symgrad/core");
  if (options.json && options.out === "-") {
    throw new SymgradError("E_USAGE", "--json and --out - both want stdout.", {
      hint: "name a file: --out train.jsonl",
    });
  }
  const { formatSyntheticLine, generateSynthetic, syntheticExample } = await import("@symgrad/qa-model");
  const { writeLines } = await import("../writeLines");
  const { type, count, seed, people, maxDigits, bias, wording, out } = options;
  const transfer = options.transfer ?? true;
  const digits = maxDigits === undefined ? { digits: options.digits ?? 7 } : { maxDigits };
  const drawn = {
    type,
    transfer,
    people,
    ...digits,
    ...(bias === undefined ? {} : { bias }),
    ...(wording ? { wording } : {}),
    seed,
  };
  const { setting } = syntheticExample(drawn, 0); // refuses an impossible setting before anything is written
  const lines = (function* () {
    for (const example of generateSynthetic({ ...drawn, count })) yield formatSyntheticLine(example);
  })();

  const progress = await createProgress();
  try {
    await abortOnInterrupt(
      (signal) =>
        writeLines(out, lines, {
          signal,
          onProgress: (done) => progress.update({ label: "writing", done, total: count }),
        }),
      { stopping: "Stopping" },
    );
  } finally {
    progress.stop();
  }
  if (out === "-") return;
  printResult(
    options.json,
    { file: out, count, setting, ...drawn },
    () => `${count} examples (${setting}) in ${out}`,
  );
}
