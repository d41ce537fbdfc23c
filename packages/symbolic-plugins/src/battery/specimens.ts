import { SymgradError } from "@symgrad/core";
import { listCandidates } from "../candidates";
import type { SymbolicFunction } from "../define";

/** One call that the contract's checks make. */
export interface Specimen {
  readonly values: readonly unknown[];
  readonly canonical: readonly string[];
}

/** The most calls that each check makes. */
const mostSpecimens = 120;

/**
 * The examples that a function is called with: those given, those it declares, or what its argument spaces offer.
 *
 * @throws SymgradError `E_CONTRACT` if there are none.
 */
export function specimenExamples(fn: SymbolicFunction, given?: readonly object[]): readonly object[] {
  if (given !== undefined && given.length > 0) return given;
  if (fn.examples.length > 0) return fn.examples;
  const spaces = Object.entries(fn.args);
  const without = spaces.filter(([, { samples }]) => samples === undefined).map(([name]) => name);
  if (without.length === 0) return [Object.assign({}, ...spaces.map(([, { samples }]) => samples))];
  throw new SymgradError(
    "E_CONTRACT",
    `${fn.name}: nothing is known to call it with: the type of ${without.join(", ")} has no \`samples\`.`,
    { hint: "declare examples: [{ ... }] in defineFunction, or pass { examples } to pluginContract" },
  );
}

/** Calls spread evenly over all candidates of the examples, each read afresh. */
export function drawSpecimens(fn: SymbolicFunction, examples: readonly object[]): Specimen[] {
  const candidates = listCandidates(fn, examples);
  const total = candidates.offsets.at(-1)!;
  const step = Math.max(1, total / mostSpecimens);
  const specimens: Specimen[] = [];
  for (const [example, { count, values, canonical }] of candidates.examples.entries()) {
    const first = candidates.offsets[example]!;
    for (let i = Math.ceil(first / step); Math.floor(i * step) < first + count; i++) {
      const tuple = candidates.tuple(example, Math.floor(i * step) - first);
      specimens.push({
        values: tuple.map((index, argument) => values[argument]![index]),
        canonical: tuple.map((index, argument) => canonical[argument]![index]!),
      });
    }
  }
  if (specimens.length > 0) return specimens;
  throw new SymgradError("E_CONTRACT", `${fn.name}: its examples have no candidates.`, {
    hint: "look at `where` and at the lists of the examples",
  });
}
