import { key, type RandomKey } from "@symgrad/core";
import { DistinctAmounts, drawAmount } from "./amountLaw";
import { DrawStream } from "./drawStream";
import { findArgumentLabels } from "./findArgumentLabels";
import {
  assertInteger,
  resolveSyntheticOptions,
  type SyntheticOptions,
  type SyntheticSetting,
  type SyntheticWording,
} from "./syntheticOptions";
import { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS } from "./syntheticWords";

/** One example of the synthetic task, with the fields and names of its JSON line. */
export interface SyntheticExample {
  setting: string;
  /** The line's index in its stream. */
  id: number;
  type: "argmax" | "max" | "difference";
  transfer: boolean;
  passage: string;
  question: string;
  answer: string;
  /** All numbers of the passage in order of occurrence. */
  numbers: number[];
  /**
   * The two numbers to combine, as positions in `numbers`, in order: those of the transfer's effect on the person asked
   * about, without a transfer those of the two people. For evaluation only.
   */
  gold_pair: [number, number];
  /** Pairs of positions whose sum or difference is the answer. */
  arg_labels: [number, number][];
  /** In order of the passage. */
  people: string[];
  /** In order of the question. */
  asked: [string, string];
  giver: string | null;
  receiver: string | null;
  /** What the asked participant did in the transfer. */
  asked_role: "giver" | "receiver" | null;
}

export interface GenerateSyntheticOptions extends SyntheticOptions {
  count: number;
  /** Index of the first example. Default 0. */
  start?: number | undefined;
}

/**
 * Draws examples of a task that needs arithmetic: ten people own some things, one may give some to another, and one
 * asks who of two has more, or how many. Example i depends on the seed, the setting and i alone.
 *
 * With a transfer, exactly one of the two people asked about took part in it; who wins is drawn before the amounts, so
 * that neither role nor place in the question tells the answer.
 *
 * @throws SymgradError `E_RANGE` for an impossible setting (too few or too many people, no digits), naming the option;
 *   `E_NAME` for an unknown type; at the call, not at the first example.
 */
export function generateSynthetic(
  options: GenerateSyntheticOptions,
): Generator<SyntheticExample, void, void> {
  const { count, start = 0 } = options;
  assertInteger("count", count, 0, Number.MAX_SAFE_INTEGER);
  assertInteger("start", start, 0, Number.MAX_SAFE_INTEGER - count);
  const draw = createSynthetic(options);
  return (function* () {
    for (let i = start; i < start + count; i++) yield draw(i);
  })();
}

/** Example `index` of the stream that {@link generateSynthetic} draws. */
export function syntheticExample(options: SyntheticOptions, index: number): SyntheticExample {
  assertInteger("index", index, 0, Number.MAX_SAFE_INTEGER);
  return createSynthetic(options)(index);
}

function createSynthetic(options: SyntheticOptions): (index: number) => SyntheticExample {
  const setting = resolveSyntheticOptions(options);
  const root = key(options.seed).fold(setting.identity);
  const others = new DistinctAmounts(setting.law, setting.transfer ? setting.people - 3 : setting.people);
  return (index) => drawExample(setting, root.fold(index), others, index);
}

function drawExample(
  setting: SyntheticSetting,
  exampleKey: RandomKey,
  others: DistinctAmounts,
  id: number,
): SyntheticExample {
  const stream = new DrawStream(exampleKey);
  const type = setting.type === "mix" ? (stream.coin() ? "max" : "argmax") : setting.type;
  const object = stream.pick(SYNTHETIC_OBJECTS, 1)[0]!;
  const people = stream.pick(SYNTHETIC_NAMES, setting.people);
  const story = setting.transfer
    ? drawTransferStory(setting, others, stream)
    : drawPlainStory(setting, others, stream);
  const { numbers, goldPair, giver, receiver, role } = story;
  const [first, second] = orderAsked(story.asked, type, setting, stream);
  const asked: [string, string] = [people[first.person]!, people[second.person]!];
  const winner = first.amount > second.amount ? first : second;
  const asksForNumber = type !== "argmax";
  const amount = type === "difference" ? first.amount - second.amount : winner.amount;

  const clauses = people.map((name, i) => `${name} has ${withCommas(numbers[i]!)} ${object}`);
  if (giver !== undefined) {
    const given = withCommas(numbers[setting.people]!);
    clauses.push(`${people[giver]} gave ${given} ${object} to ${people[receiver!]}`);
  }
  return {
    setting: setting.name,
    id,
    type,
    transfer: setting.transfer,
    passage: `${clauses.join(", ")}.`,
    question: askQuestion(type, setting.wording, object, asked),
    answer: asksForNumber ? withCommas(amount) : people[winner.person]!,
    numbers,
    gold_pair: goldPair,
    arg_labels: asksForNumber ? findArgumentLabels(numbers, amount) : [],
    people,
    asked,
    giver: giver === undefined ? null : people[giver]!,
    receiver: receiver === undefined ? null : people[receiver]!,
    asked_role: role ?? null,
  };
}

/** Who is named first: by a fair coin, unless the type or the bias says who. */
function orderAsked(
  [a, b]: readonly [Contestant, Contestant],
  type: SyntheticExample["type"],
  { transfer, bias }: SyntheticSetting,
  stream: DrawStream,
): [Contestant, Contestant] {
  const [more, less] = a.amount > b.amount ? [a, b] : [b, a];
  if (type === "difference") return [more, less];
  if (bias !== 0.5) return stream.unit() < bias ? [more, less] : [less, more];
  // Where there is no transfer the two are in random order already.
  return transfer && stream.coin() ? [b, a] : [a, b];
}

function askQuestion(
  type: SyntheticExample["type"],
  wording: SyntheticWording,
  object: string,
  [a, b]: readonly [string, string],
): string {
  if (type === "difference") return `How many more ${object} does ${a} have than ${b}?`;
  if (wording === "shared")
    return `${type === "max" ? "What" : "Who"} max of ${object} owned either by ${a} or ${b}?`;
  return type === "max"
    ? `What is the maximum number of ${object} owned either by ${a} or ${b}?`
    : `Who has more ${object}: ${a} or ${b}?`;
}

/** Someone asked about: their place in the passage and what they have in the end. */
interface Contestant {
  person: number;
  amount: number;
}

interface Story {
  /** What each person has at first, then what is given. */
  numbers: number[];
  asked: [Contestant, Contestant];
  goldPair: [number, number];
  giver?: number;
  receiver?: number;
  role?: "giver" | "receiver";
}

function drawPlainStory({ people }: SyntheticSetting, others: DistinctAmounts, stream: DrawStream): Story {
  const numbers = others.draw(new Set(), stream);
  const [a, b] = stream.pick([...numbers.keys()], 2) as [number, number];
  return {
    numbers: numbers.slice(0, people),
    asked: [
      { person: a, amount: numbers[a]! },
      { person: b, amount: numbers[b]! },
    ],
    goldPair: a < b ? [a, b] : [b, a],
  };
}

/**
 * People, role and winner come first; then amounts are drawn until they fit. That is done in two parts, the four that
 * matter and the rest: the four are accepted in proportion to the chance that the rest would fit them.
 */
function drawTransferStory(setting: SyntheticSetting, others: DistinctAmounts, stream: DrawStream): Story {
  const { people, law, role: roles } = setting;
  const [giver, receiver, outsider] = stream.pick([...new Array(people).keys()], 3) as [
    number,
    number,
    number,
  ];
  const role = roles === "both" ? (stream.coin() ? "giver" : "receiver") : roles;
  const participantWins = stream.coin();
  const highest = others.greatestWeight(5);
  for (;;) {
    const givers = drawAmount(law, stream);
    const receivers = drawAmount(law, stream);
    const outsiders = drawAmount(law, stream);
    const given = drawAmount(law, stream);
    if (givers - given < law.minimum) continue;
    const after = role === "giver" ? givers - given : receivers + given;
    if (after > law.maximum || after > outsiders !== participantWins) continue;
    const taken = new Set([givers, receivers, outsiders, given, after]);
    if (taken.size < 5) continue;
    if (law.classes.length > 1 && stream.unit() * highest >= others.weight(taken)) continue;

    const rest = others.draw(taken, stream);
    const numbers = Array.from({ length: people }, (_, i) => {
      if (i === giver) return givers;
      if (i === receiver) return receivers;
      return i === outsider ? outsiders : rest.pop()!;
    });
    numbers.push(given);
    const person = role === "giver" ? giver : receiver;
    return {
      numbers,
      asked: [
        { person, amount: after },
        { person: outsider, amount: outsiders },
      ],
      goldPair: [person, people],
      giver,
      receiver,
      role,
    };
  }
}

function withCommas(amount: number): string {
  return String(amount).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
