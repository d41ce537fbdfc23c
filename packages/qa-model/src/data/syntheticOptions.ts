import { SymgradError } from "@symgrad/core";
import { type AmountLaw, createAmountLaw } from "./amountLaw";
import { SYNTHETIC_NAMES } from "./syntheticWords";

/**
 * What is asked: "argmax" for a name, "max" for a number, "mix" for either, by a fair coin; "difference" for how many
 * more the winner has, who is named first.
 */
export type SyntheticType = "argmax" | "max" | "mix" | "difference";

/** The words of max and argmax questions: "table2" has one question for each, "shared" one that differs in its first word. */
export type SyntheticWording = "table2" | "shared";

export interface SyntheticOptions {
  type: SyntheticType;
  /** Whether the passage ends with a transfer, about one of whose participants is asked. */
  transfer: boolean;
  /** People in a passage. Default 10. */
  people?: number | undefined;
  /** Every number has this many digits: the numbers of that length are equally likely. Default 7. */
  digits?: number | undefined;
  /** Instead of `digits`: each number has 1 to this many digits, each length equally likely. */
  maxDigits?: number | undefined;
  /** Who of the transfer's participants is asked about. Default "both": a fair coin. */
  role?: "both" | "giver" | "receiver" | undefined;
  /** Probability that the person named first in the question wins, in [0, 1]. Default 0.5. Not for "difference". */
  bias?: number | undefined;
  /** Default "table2". */
  wording?: SyntheticWording | undefined;
  /** Names the stream of examples: an integer from 0 to 2^53 - 1, or any text. */
  seed: number | string;
}

/** Options that were checked, with defaults filled in. */
export interface SyntheticSetting {
  /** As in the examples' field: "max-tr", "argmax-no", "mix-tr-le6". */
  readonly name: string;
  /** The name, and all else that examples depend on beside the seed. */
  readonly identity: string;
  readonly type: SyntheticType;
  readonly transfer: boolean;
  readonly people: number;
  readonly role: "both" | "giver" | "receiver";
  readonly bias: number;
  readonly wording: SyntheticWording;
  readonly law: AmountLaw;
}

// Sums of two amounts stay below 2^53.
const MOST_DIGITS = 15;
const TYPES: readonly string[] = ["argmax", "max", "mix", "difference"] satisfies SyntheticType[];
const WORDINGS: readonly string[] = ["table2", "shared"] satisfies SyntheticWording[];
const ROLES: readonly string[] = ["both", "giver", "receiver"];

/** @throws SymgradError `E_RANGE` for an impossible setting, `E_NAME` for an unknown type or role, `E_USAGE`. */
export function resolveSyntheticOptions(options: SyntheticOptions): SyntheticSetting {
  const {
    type,
    transfer,
    people = 10,
    digits,
    maxDigits,
    role = "both",
    bias = 0.5,
    wording = "table2",
  } = options;
  assertName("type", type, TYPES);
  assertName("role", role, ROLES);
  assertName("wording", wording, WORDINGS);
  if (!(bias >= 0 && bias <= 1)) {
    throw new SymgradError("E_RANGE", `synthetic data: \`bias\` must be a probability, 0 to 1, got ${bias}.`);
  }
  if (type === "difference" && (options.bias !== undefined || options.wording !== undefined)) {
    throw new SymgradError(
      "E_USAGE",
      "synthetic data: `bias` and `wording` are not for type difference: its question names the winner first, in one wording.",
    );
  }
  if (typeof transfer !== "boolean") {
    throw new SymgradError("E_USAGE", `synthetic data: \`transfer\` must be true or false, got ${transfer}.`);
  }
  if (digits !== undefined && maxDigits !== undefined) {
    throw new SymgradError("E_USAGE", "synthetic data: give `digits` or `maxDigits`, not both.");
  }
  const most = maxDigits ?? digits ?? 7;
  const fewest = maxDigits === undefined ? most : 1;
  assertInteger(maxDigits === undefined ? "digits" : "maxDigits", most, 1, MOST_DIGITS);
  const law = createAmountLaw(fewest, most);

  // With a transfer: giver, receiver and one more; the amount given and what the person asked about is left with are
  // two further numbers that must differ from all others.
  const [least, extra] = transfer ? [3, 2] : [2, 0];
  const amounts = law.maximum - law.minimum + 1;
  const named = SYNTHETIC_NAMES.length;
  const mostPeople = Math.min(named, amounts - extra);
  const reason =
    mostPeople === named
      ? `there are ${named} names`
      : `only ${amounts} amounts differ${transfer ? ", and a transfer takes two more than there are people" : ""}`;
  assertInteger("people", people, least, mostPeople, people > mostPeople ? reason : undefined);

  const drawn = [
    `${type}-${transfer ? "tr" : "no"}`,
    ...(maxDigits === undefined ? [] : [`le${maxDigits}`]),
    ...(bias === 0.5 ? [] : [`bias${bias}`]),
  ].join("-");
  const name = wording === "table2" ? drawn : `${drawn}-${wording}`;
  // The wording is not part of it: the same stories are asked about in other words.
  const identity = `synthetic ${drawn} people=${people} digits=${fewest}-${most} role=${role}`;
  return { name, identity, type, transfer, people, role, bias, wording, law };
}

function assertName(option: string, given: unknown, known: readonly string[]): void {
  if (known.includes(given as string)) return;
  const list = known.map((name) => `"${name}"`).join(", ");
  throw new SymgradError(
    "E_NAME",
    `synthetic data: \`${option}\` must be one of ${list}, got ${typeof given === "string" ? `"${given}"` : given}.`,
  );
}

/** @throws SymgradError `E_RANGE` that gives the option, the value and the range. */
export function assertInteger(
  option: string,
  given: number,
  least: number,
  most: number,
  reason?: string,
): void {
  if (Number.isSafeInteger(given) && given >= least && given <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new SymgradError(
    "E_RANGE",
    `synthetic data: \`${option}\` must be an integer ${range}, got ${given}${reason ? `: ${reason}` : ""}.`,
  );
}
