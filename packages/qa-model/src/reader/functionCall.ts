import type { SymbolicFunction } from "@symgrad/symbolic-plugins";
import { argumentLayout } from "./argumentLayout";
import { resultText } from "./functionRow";
import type { FunctionCall } from "./prediction";
import type { PreparedText } from "./readerFeatures";

/** The call of a function that a candidate of a text stands for. */
export function functionCall(
  fn: SymbolicFunction,
  { features, numbers, dates, places }: PreparedText,
  candidate: number,
  probability: number,
): FunctionCall {
  const results = features.results!;
  const { literals } = argumentLayout(fn);
  const from = candidate * results.argumentCount;
  const chosen = [...results.values.subarray(from, from + results.argumentCount)];
  const known = [...literals, ...numbers, ...dates];
  return {
    function: fn.name,
    arguments: chosen.map((value) => known[value]!),
    quantities: chosen
      .map((value) => places[value - literals.length])
      .filter((quantity) => quantity !== undefined),
    result: resultText(results, candidate),
    probability,
  };
}
