import { SymgradError } from "@symgrad/core";
import type { Decimal } from "decimal.js";
import type { ArgumentSpace } from "../arguments/argumentSpace";
import { decimal } from "../arguments/decimal";
import type { ValueType } from "../arguments/valueType";
import type { EvaluatedResult } from "../evaluate";
import { show } from "../internal/show";

/** What an argument may come from: a function of an earlier stage, or a layer of it. */
export type Stage = { readonly name: string } | { readonly function: { readonly name: string } };

/** Where the results of earlier stages stand in an example while its candidates are listed. */
export const stageResults: unique symbol = Symbol("stage results");

/** An example as a staged function sees it: a result for each stage's function name. */
export interface StagedExample {
  readonly [stageResults]?: ReadonlyMap<string, EvaluatedResult>;
}

/** An example after earlier stages: what each of their functions gave, by its name, for arguments `fromStage`. */
export function afterStages<Example extends object>(
  example: Example,
  results: ReadonlyMap<string, EvaluatedResult>,
): Example {
  return { ...example, [stageResults]: results };
}

/** What a later stage may take from a result: each of its `values`, or its text where it declares none. */
export function resultValues(result: EvaluatedResult): readonly string[] {
  if (result.kind !== "ok") return [];
  return result.values.length > 0 ? result.values : [result.text];
}

/** The name of a stage's function. */
export function stageName(stage: Stage): string {
  return "function" in stage ? stage.function.name : stage.name;
}

/**
 * The values that an earlier stage's function computed: an argument of the next stage. Each of the result's `values` is
 * one value, or its text where it declares none.
 *
 * @param stage The earlier function, or a layer of it. `layer.prepareAfter` lists the candidates.
 * @param type How values are read. Default: decimals.
 * @throws SymgradError (when candidates are listed) `E_USAGE` without that stage; `E_FORMAT` if a result is no such value.
 * @example defineFunction({ args: { total: fromStage(sum), c: fromExample("numbers") }, ... }) // (a + b) - c
 */
export function fromStage(stage: Stage): ArgumentSpace<Decimal>;
export function fromStage<T>(stage: Stage, type: ValueType<T>): ArgumentSpace<T>;
export function fromStage(stage: Stage, type: ValueType<unknown> = decimal): ArgumentSpace<unknown> {
  const name = stageName(stage);
  return {
    stage: name,
    source: `result of ${name} as ${type.name}`,
    values(example, where) {
      const result = (example as StagedExample)[stageResults]?.get(name);
      if (result === undefined) {
        throw new SymgradError("E_USAGE", `${where}: an argument comes from the stage ${name}.`, {
          hint: "prepare that stage first, then layer.prepareAfter([itsPrepared], examples)",
        });
      }
      // Without a result there is no value to go on with, and no candidate.
      return resultValues(result).map((text) => {
        const value = type.parse(text);
        if (value !== undefined) return value;
        throw new SymgradError(
          "E_FORMAT",
          `${where}: a result of the stage ${name} must be ${type.expected}, got ${show(text)}.`,
          { hint: "let it give `values`, or read it with another type: fromStage(stage, text)" },
        );
      });
    },
    canonical: (value) => type.canonical(value),
  };
}
