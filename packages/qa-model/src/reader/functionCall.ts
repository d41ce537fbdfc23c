import { resultText } from "./functionRow";
import type { FunctionCall } from "./prediction";
import type { PreparedText } from "./readerFeatures";

/** The call of the function called `name` that a candidate of a text stands for. */
export function functionCall(
  name: string,
  { features, numbers, places }: PreparedText,
  candidate: number,
  probability: number,
): FunctionCall {
  const results = features.results!;
  const from = candidate * results.argumentCount;
  const chosen = [...results.row.tuples.subarray(from, from + results.argumentCount)];
  return {
    function: name,
    arguments: chosen.map((quantity) => numbers[quantity]!),
    quantities: chosen.map((quantity) => places[quantity]!),
    result: resultText(results, candidate),
    probability,
  };
}
