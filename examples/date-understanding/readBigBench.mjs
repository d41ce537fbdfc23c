import { readFileSync } from "node:fs";
import { isoOf } from "./readQuestion.mjs";

/**
 * The date understanding task of BIG-Bench Hard (Suzgun et al. 2022, arXiv:2210.09261), for evaluation alone.
 *
 * @param file `bbh-date-understanding.json`.
 * @returns `{ context, question, answer, options }[]`, days as ISO dates.
 */
export function readBigBench(file) {
  const { examples } = JSON.parse(readFileSync(file, "utf8"));
  return examples.map(({ input, target }) => {
    const [text, list] = input.split("\nOptions:\n");
    const at = text.indexOf("What is ");
    const options = list.split("\n").map((line) => /^\((\w)\) (.*)$/.exec(line).slice(1));
    const iso = (day) => isoOf(day) ?? day;
    return {
      context: text.slice(0, at).trim(),
      question: text
        .slice(at + "What is ".length)
        .replace(/ in MM\/DD\/YYYY\?$/, "")
        .replace(/^the date /, ""),
      answer: iso(options.find(([letter]) => `(${letter})` === target)[1]),
      options: options.map(([, day]) => iso(day)),
    };
  });
}
