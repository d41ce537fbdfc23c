import { resultValues, type SymbolicFunction } from "@symgrad/symbolic-plugins";
import { argumentLayout } from "./argumentLayout";
import { candidateChain, resultText } from "./functionRow";
import type { FunctionCall } from "./prediction";
import type { PreparedText } from "./readerFeatures";

/**
 * The call of a function that a candidate of a text stands for.
 *
 * @param stage Which of the reader's functions it is, from 0.
 * @param candidate Over this and all earlier stages.
 */
export function functionCall(
  fn: SymbolicFunction,
  { features, numbers, dates, places }: PreparedText,
  stage: number,
  candidate: number,
  probability: number,
): FunctionCall {
  const stages = features.stages.slice(0, stage + 1);
  const results = stages[stage]!;
  const { literals } = argumentLayout(fn);
  const from = (candidate % results.candidates) * results.argumentCount;
  const chosen = [...results.values.subarray(from, from + results.argumentCount)];
  const chain = candidateChain(stages, candidate);
  const given = stages.slice(0, stage).flatMap(({ row, given }, earlier) => {
    const values = resultValues(row.results![chain[earlier]!]!);
    return Array.from({ length: given }, (_, i) => values[i]);
  });
  const known = [...literals, ...numbers, ...dates, ...given];
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
