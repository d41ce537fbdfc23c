import {
  afterStages,
  type EvaluatedResult,
  resultValues,
  type SymbolicLayer,
} from "@symgrad/symbolic-plugins";
import { readNumber } from "../internal/readNumber";
import type { DigitTokenizer } from "../tokenization/digitTokenizer";
import { argumentLayout, type TextField } from "./argumentLayout";
import { candidateChain, type FunctionRow, longestResult, readTime, resultSearch } from "./functionRow";

/** The values of a text that functions may be called with. */
export interface TextValues {
  numbers: string[];
  dates: string[];
}

/**
 * Runs the functions of a reader for every combination of arguments of each text, stage by stage. A later function chooses
 * among the text's values and, where it takes numbers or dates, those that the earlier ones gave; arguments `fromStage`
 * among the values of that stage alone.
 *
 * @returns For each text one row per stage.
 * @throws SymgradError `E_RANGE` above 65,536 combinations for one text.
 */
export async function prepareStages(
  texts: readonly TextValues[],
  layers: readonly SymbolicLayer[],
  tokenizer: DigitTokenizer,
): Promise<FunctionRow[][]> {
  const prepared: FunctionRow[][] = texts.map(() => []);
  for (const [stage, layer] of layers.entries()) {
    const places = argumentLayout(layer.function);
    const offers = texts.map((text, i) => offersAfter(text, prepared[i]!, layers, places.fields));
    const slotOf = (example: number, combination: number, argument: number, index: number) => {
      const place = places.arguments[argument]!;
      if (typeof place === "number") return place + index;
      const offer = offers[example]![combination]!;
      const slots = typeof place === "object" ? offer.stageSlots.get(place.stage)! : offer.slots[place];
      return places.literals.length + slots[index]!;
    };
    const width = places.arguments.length;
    const rows =
      stage === 0
        ? (await layer.prepareRows(layer.candidates(offers.map(([offer]) => offer!.example)))).map(
            (row, i) => ({
              ...row,
              tuples: row.tuples.map((index, at) => slotOf(i, 0, at % width, index)),
            }),
          )
        : await layer.prepareRowsAfter(
            offers.map((combinations) => combinations.map(({ example }) => example)),
            prepared.map((rows) => rows.map(({ candidates }) => candidates)),
            { placeOf: slotOf },
          );
    const isLast = stage === layers.length - 1;
    for (const [i, row] of rows.entries()) {
      prepared[i]!.push({
        row,
        candidates: row.tuples.length / width,
        argumentCount: width,
        values: row.tuples,
        longest: longestResult(row),
        ...(isLast ? NOTHING_GIVEN : locateGiven(row, layer, tokenizer)),
      });
    }
  }
  return prepared;
}

const NOTHING_GIVEN = { given: 0, givenPlaces: new Int32Array() };

/** What a text offers to a function after one combination of what earlier stages chose. */
interface Offer {
  example: object;
  /** Which value of the text and the earlier stages each entry of a list is, counted behind the literals. */
  slots: { numbers: number[]; dates: number[] };
  stageSlots: Map<string, number[]>;
}

function offersAfter(
  { numbers, dates }: TextValues,
  stages: readonly FunctionRow[],
  layers: readonly SymbolicLayer[],
  fields: ReadonlySet<TextField>,
): Offer[] {
  const count = numbers.length + dates.length;
  const own = Array.from({ length: count }, (_, slot) => slot);
  const combinations = stages.at(-1)?.row.count ?? 1;
  return Array.from({ length: combinations }, (_, combination) => {
    const offered = { numbers: [...numbers], dates: [...dates] };
    const slots = { numbers: own.slice(0, numbers.length), dates: own.slice(numbers.length) };
    const stageSlots = new Map<string, number[]>();
    const results = new Map<string, EvaluatedResult>();
    const chain = candidateChain(stages, combination);
    let begin = count;
    for (const [stage, { row, given }] of stages.entries()) {
      const result = row.results![chain[stage]!]!;
      const values = resultValues(result);
      for (const [i, value] of values.entries()) {
        const number = fields.has("numbers") ? readNumber(value) : undefined;
        const time = fields.has("dates") ? readTime(value) : undefined;
        if (number !== undefined) {
          offered.numbers.push(number);
          slots.numbers.push(begin + i);
        }
        if (time !== undefined) {
          offered.dates.push(time);
          slots.dates.push(begin + i);
        }
      }
      const { name } = layers[stage]!.function;
      results.set(name, result);
      stageSlots.set(
        name,
        values.map((_, i) => begin + i),
      );
      begin += given;
    }
    return { example: afterStages(offered, results), slots, stageSlots };
  });
}

/**
 * Where the values of each result stand in it: each at its first occurrence behind the one before, a number at its first
 * digit.
 */
function locateGiven(
  row: FunctionRow["row"],
  layer: SymbolicLayer,
  tokenizer: DigitTokenizer,
): Pick<FunctionRow, "given" | "givenPlaces"> {
  const { find } = resultSearch(layer, tokenizer);
  const values = row.results!.map(resultValues);
  const given = values.reduce((most, { length }) => Math.max(most, length), 0);
  const givenPlaces = new Int32Array(row.count * given);
  for (const [candidate, list] of values.entries()) {
    let last = -1;
    for (const [i, value] of list.entries()) {
      const found = find(row, candidate, tokenizer.encode(value));
      const [start, end] = found.find(([from]) => from > last) ?? found[0] ?? [0, last];
      last = end;
      givenPlaces[candidate * given + i] = start < end && value.startsWith("-") ? start + 1 : start;
    }
  }
  return { given, givenPlaces };
}
