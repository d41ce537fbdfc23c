import { SymgradError } from "@symgrad/core";
import type { ArgumentSpace } from "../arguments/argumentSpace";
import { range } from "../arguments/range";
import { wholeField } from "../arguments/wholeField";
import { defineFunction, type SymbolicFunction } from "../define";
import { show } from "../internal/show";
import { type OutputSpecification, tokens } from "../output";
import { ok, undefinedResult } from "../result";

export interface RegexExtractOptions {
  /** `namespace.name.v1`: another pattern is another function. */
  name: string;
  /** What is looked for. What its first group matched is the result, the whole match where it has no group. */
  pattern: RegExp;
  /** The field of the example that holds the text. Default "passage". */
  field?: string;
  /** How many matches can be asked for. Default 8. */
  matches?: number;
  /** Default: digits and the signs `+ - = , .`. */
  output?: OutputSpecification;
  /** Default 32; a longer match is undefined. */
  maxLength?: number;
}

/** The arguments of {@link regexExtract}. */
export interface RegexExtractArguments extends Readonly<Record<string, ArgumentSpace<unknown>>> {
  readonly text: ArgumentSpace<string>;
  /** From 0. */
  readonly match: ArgumentSpace<number>;
}

/**
 * The n-th match of a pattern in a text of the example, as an example of text arguments.
 *
 * Undefined: "no such match"; a match longer than `maxLength`. A pattern that takes exponential time does so here, too.
 *
 * @throws SymgradError `E_USAGE` if `pattern` is no regular expression, and as `defineFunction` and `range`.
 * @example
 * const scores = regexExtract({ name: "mine.score.v1", pattern: /\b(\d+-\d+)\b/ });
 * // F("They won 24-21, after 3-0.", 1) = "3-0"
 */
export function regexExtract(options: RegexExtractOptions): SymbolicFunction<RegexExtractArguments> {
  const { name, pattern, field = "passage", matches = 8, output = tokens(), maxLength = 32 } = options;
  if (!(pattern instanceof RegExp)) {
    throw new SymgradError(
      "E_USAGE",
      `regexExtract: \`pattern\` must be a regular expression, got ${show(pattern)}.`,
    );
  }
  const global = new RegExp(
    pattern.source,
    pattern.flags.includes("g") ? pattern.flags : `${pattern.flags}g`,
  );
  return defineFunction<RegexExtractArguments>({
    name,
    args: { text: wholeField(field), match: range(matches) },
    run({ text, match }) {
      const found = [...text.matchAll(global)][match];
      if (found === undefined) return undefinedResult("no such match");
      const result = found[1] ?? found[0];
      return ok(result, { values: [result] });
    },
    output,
    maxLength,
    overflow: "undefined",
  });
}
