import { generateSynthetic, type SyntheticExample } from "./generateSynthetic";
import type { SyntheticOptions, SyntheticType } from "./syntheticOptions";

/** What tells a synthetic example's task: the fields of its line. */
interface Told {
  setting?: string | undefined;
  numbers?: readonly number[] | undefined;
}

export interface DigitLength {
  /** Every number has this many digits. */
  digits: number;
  examples: SyntheticExample[];
}

/** Fewest and most digits that stories are told with here. */
const [FEWEST, MOST] = [2, 15];

/**
 * The same task as these examples' with numbers of other lengths, one digit fewer to two more than their longest: how
 * far does what was learned reach?
 *
 * @param count Examples of each length.
 * @returns None where the examples are not all synthetic and of one task.
 */
export function otherDigitLengths(examples: readonly object[], count: number): DigitLength[] {
  const told: readonly Told[] = examples;
  const task = taskOf(told);
  if (!task) return [];
  const longest = Math.max(...told.flatMap(({ numbers = [] }) => numbers.map((n) => `${n}`.length)));
  const lengths = [-1, 0, 1, 2].map((more) => longest + more);
  return lengths
    .filter((digits) => digits >= FEWEST && digits <= MOST)
    .map((digits) => ({ digits, examples: [...generateSynthetic({ ...task, digits, count })] }));
}

/** The options that made the examples, but for the digits and the seed, which is one of its own. */
function taskOf(examples: readonly Told[]): SyntheticOptions | undefined {
  const [first] = examples;
  const named = /^(argmax|max|mix|difference)-(tr|no)(?:-le\d+)?(?:-bias([\d.]+))?(-shared)?$/.exec(
    first?.setting ?? "",
  );
  if (!first?.numbers || !named) return undefined;
  const { setting, numbers } = first;
  const isSame = (one: Told) => one.setting === setting && one.numbers?.length === numbers.length;
  if (!examples.every(isSame)) return undefined;
  const [, type, told, bias, shared] = named;
  const transfer = told === "tr";
  return {
    type: type as SyntheticType,
    transfer,
    people: numbers.length - (transfer ? 1 : 0),
    ...(bias === undefined ? {} : { bias: Number(bias) }),
    ...(shared === undefined ? {} : { wording: "shared" }),
    seed: "other digit lengths",
  };
}
