import { readFileSync } from "node:fs";
import { key } from "@symgrad/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAmountLaw, drawAmount } from "./amountLaw";
import { DrawStream } from "./drawStream";
import { formatSyntheticLine } from "./formatSyntheticLine";
import {
  type GenerateSyntheticOptions,
  generateSynthetic,
  type SyntheticExample,
  syntheticExample,
} from "./generateSynthetic";
import type { SyntheticOptions } from "./syntheticOptions";
import { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS } from "./syntheticWords";

// 60 examples made by an independent generator from the same specification.
const given = readFileSync(new URL("../../../../fixtures/synthetic/examples.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n");

const withCommas = new Intl.NumberFormat("en-US");

/** Reads the story back from its texts alone, and works everything else out anew. */
function retell({ passage, question }: SyntheticExample) {
  if (!passage.endsWith(".")) throw new Error(`no full stop: ${passage}`);
  const clauses = passage.slice(0, -1).split(", ");
  const owned = clauses.flatMap((clause) => {
    const match = /^(\w+) has ([\d,]+) (\w+)$/.exec(clause);
    return match ? [{ name: match[1]!, amount: readAmount(match[2]!), object: match[3]! }] : [];
  });
  const transfer = /^(\w+) gave ([\d,]+) (\w+) to (\w+)$/.exec(clauses.at(-1)!);
  if (owned.length + (transfer ? 1 : 0) !== clauses.length) throw new Error(`not a story: ${passage}`);
  const people = owned.map(({ name }) => name);
  const numbers = owned.map(({ amount }) => amount);
  const after = new Map(owned.map(({ name, amount }) => [name, amount]));
  const objects = new Set(owned.map(({ object }) => object));
  const giver = transfer?.[1] ?? null;
  const receiver = transfer?.[4] ?? null;
  if (transfer) {
    const amount = readAmount(transfer[2]!);
    numbers.push(amount);
    objects.add(transfer[3]!);
    after.set(giver!, after.get(giver!)! - amount);
    after.set(receiver!, after.get(receiver!)! + amount);
  }
  const max = /^What is the maximum number of (\w+) owned either by (\w+) or (\w+)\?$/.exec(question);
  const argmax = /^Who has more (\w+): (\w+) or (\w+)\?$/.exec(question);
  const [, object, first, second] = (max ?? argmax)!;
  objects.add(object!);
  const asked = [first!, second!];
  const [a, b] = asked.map((name) => after.get(name)!) as [number, number];
  const role = asked.includes(giver ?? "") ? "giver" : asked.includes(receiver ?? "") ? "receiver" : null;
  const participant = role === null ? undefined : role === "giver" ? giver! : receiver!;
  const gold = participant
    ? [people.indexOf(participant), people.length]
    : asked.map((name) => people.indexOf(name)).sort((i, j) => i - j);
  const best = Math.max(a, b);
  const labels = numbers.flatMap((x, i) =>
    numbers.flatMap((y, j) => (i < j && max && [x + y, x - y, y - x].includes(best) ? [[i, j]] : [])),
  );
  return {
    type: max ? "max" : "argmax",
    transfer: transfer !== null,
    answer: max ? withCommas.format(best) : a > b ? first! : second!,
    numbers,
    gold_pair: gold,
    arg_labels: labels,
    people,
    asked,
    giver,
    receiver,
    asked_role: role,
    objects: [...objects],
    amounts: [a, b],
    participant,
  };
}

function readAmount(text: string): number {
  if (!/^[1-9]\d{0,2}(,\d{3})*$/.test(text)) throw new Error(`no amount: ${text}`);
  return Number(text.replaceAll(",", ""));
}

/** All that the specification promises of one example. */
function expectLawful(example: SyntheticExample, range: [number, number]): void {
  const { objects, amounts, participant, ...told } = retell(example);
  expect(example).toMatchObject(told);
  expect(objects.length).toBe(1);
  expect(SYNTHETIC_OBJECTS).toContain(objects[0]);
  expect(new Set(example.people).size).toBe(example.people.length);
  expect(example.people.every((name) => SYNTHETIC_NAMES.includes(name))).toBe(true);
  const { numbers } = example;
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.every((amount) => amount >= range[0] && amount <= range[1])).toBe(true);
  expect(amounts[0]).not.toBe(amounts[1]);
  expect(new Set(example.asked).size).toBe(2);
  if (!example.transfer) return;
  const [at, last] = example.gold_pair;
  expect(last).toBe(example.people.length);
  expect(numbers[example.people.indexOf(example.giver!)]! - numbers.at(-1)!).toBeGreaterThanOrEqual(range[0]);
  expect(example.asked.filter((name) => name === example.giver || name === example.receiver)).toEqual([
    participant,
  ]);
  const left = amounts[example.asked.indexOf(participant!)]!;
  expect(left).toBe(
    example.asked_role === "giver" ? numbers[at]! - numbers[last]! : numbers[at]! + numbers[last]!,
  );
  expect(left >= range[0] && left <= range[1]).toBe(true);
  expect(numbers).not.toContain(left);
}

const settings: [string, Omit<SyntheticOptions, "seed">, [number, number]][] = [
  ["argmax-no", { type: "argmax", transfer: false }, [1e6, 1e7 - 1]],
  ["max-no", { type: "max", transfer: false }, [1e6, 1e7 - 1]],
  ["mix-no", { type: "mix", transfer: false }, [1e6, 1e7 - 1]],
  ["argmax-tr", { type: "argmax", transfer: true }, [1e6, 1e7 - 1]],
  ["max-tr", { type: "max", transfer: true }, [1e6, 1e7 - 1]],
  ["mix-tr", { type: "mix", transfer: true }, [1e6, 1e7 - 1]],
  ["argmax-tr-le6", { type: "argmax", transfer: true, maxDigits: 6 }, [1, 999_999]],
  ["max-tr-le6", { type: "max", transfer: true, maxDigits: 6 }, [1, 999_999]],
  ["mix-tr-le6", { type: "mix", transfer: true, maxDigits: 6 }, [1, 999_999]],
  ["mix-no-le6", { type: "mix", transfer: false, maxDigits: 6 }, [1, 999_999]],
];

test("the given examples are lawful too, and ours have their form", () => {
  expect(given.length).toBe(60);
  const fields = Object.keys(JSON.parse(given[0]!));
  for (const line of given) {
    const example = JSON.parse(line) as SyntheticExample;
    const [, options, range] = settings.find(([name]) => name === example.setting)!;
    expectLawful(example, range);
    const ours = formatSyntheticLine(syntheticExample({ ...options, seed: 1 }, example.id));
    const parsed = JSON.parse(ours) as SyntheticExample;
    expect(Object.keys(parsed)).toEqual(fields);
    expect(parsed.setting).toBe(example.setting);
    expect(parsed.id).toBe(example.id);
    expect(ours).not.toContain("\n");
    // The JSON of our writer and of the given file differ in blanks alone.
    expect(JSON.stringify(example)).toBe(line.replaceAll('": ', '":').replaceAll(/, (?=["\d[])/g, ","));
  }
});

describe.each(settings)("%s", (name, options, range) => {
  test("every example keeps the specification", () => {
    for (const example of generateSynthetic({ ...options, count: 400, seed: 3 })) {
      expect(example.setting).toBe(name);
      expect(example.people.length).toBe(10);
      expectLawful(example, range);
    }
  });
});

test("any possible setting keeps the specification, for any seed and line", () => {
  const setting = fc.record({
    type: fc.constantFrom("argmax", "max", "mix"),
    transfer: fc.boolean(),
    role: fc.constantFrom("both", "giver", "receiver"),
    people: fc.integer({ min: 3, max: 12 }),
    seed: fc.nat(),
    size: fc.oneof(
      fc.record({ digits: fc.integer({ min: 2, max: 15 }) }),
      fc.record({ maxDigits: fc.integer({ min: 2, max: 15 }) }),
    ),
  });
  fc.assert(
    fc.property(setting, fc.nat(), ({ size, ...rest }, index) => {
      const options = { ...rest, ...size } as SyntheticOptions;
      const example = syntheticExample(options, index);
      const most = 10 ** (options.digits ?? options.maxDigits!);
      expectLawful(example, [options.digits ? most / 10 : 1, most - 1]);
      expect(example.people.length).toBe(rest.people);
      if (rest.transfer && rest.role !== "both") expect(example.asked_role).toBe(rest.role);
    }),
    { numRuns: 300 },
  );
});

test.each([
  { transfer: true, people: 7, digits: 1 },
  { transfer: false, people: 9, digits: 1 },
  { transfer: true, people: 7, maxDigits: 1 },
  { transfer: true, people: 88, digits: 2 },
  { transfer: false, people: 90, digits: 2 },
  { transfer: true, people: 97, maxDigits: 2 },
  { transfer: true, people: 100, maxDigits: 15 },
  { transfer: false, people: 99, maxDigits: 2 },
  { transfer: true, people: 3, digits: 15 },
  { transfer: false, people: 2, digits: 1 },
])("the tightest settings end: %j", (options) => {
  const range: [number, number] = [
    options.digits ? 10 ** (options.digits - 1) : 1,
    10 ** (options.digits ?? options.maxDigits!) - 1,
  ];
  for (const example of generateSynthetic({ type: "mix", ...options, count: 40, seed: 5 })) {
    expectLawful(example, range);
  }
});

test("a line depends on seed, setting and index alone", () => {
  const options = { type: "mix", transfer: true, seed: 8 } as const;
  const ten = [...generateSynthetic({ ...options, count: 10 })];
  expect([...generateSynthetic({ ...options, count: 3, start: 5 })]).toEqual(ten.slice(5, 8));
  expect(syntheticExample(options, 9)).toEqual(ten[9]);
  expect(syntheticExample({ ...options, people: 10, digits: 7, role: "both" }, 9)).toEqual(ten[9]);
  expect(new Set(ten.map(({ passage }) => passage)).size).toBe(10);
  const others = [
    { ...options, seed: 9 },
    { ...options, transfer: false },
    { ...options, people: 9 },
    { ...options, digits: 6 },
    { ...options, maxDigits: 7 },
    { ...options, type: "max" } as const,
  ].map((other) => syntheticExample(other, 0).people.join());
  expect(new Set([...others, ten[0]!.people.join()]).size).toBe(7);
});

// Pinned, so that a seed keeps its meaning: a change here is a breaking change.
test("the first line of seed 0", () => {
  const example = syntheticExample({ type: "max", transfer: true, people: 4, digits: 3, seed: 0 }, 0);
  expect(formatSyntheticLine(example)).toMatchInlineSnapshot(
    `"{"setting":"max-tr","id":0,"type":"max","transfer":true,"passage":"Pamela has 161 plates, Emily has 544 plates, Frank has 784 plates, Ryan has 582 plates, Frank gave 433 plates to Pamela.","question":"What is the maximum number of plates owned either by Frank or Emily?","answer":"544","numbers":[161,544,784,582,433],"gold_pair":[2,4],"arg_labels":[],"people":["Pamela","Emily","Frank","Ryan"],"asked":["Frank","Emily"],"giver":"Frank","receiver":"Pamela","asked_role":"giver"}"`,
  );
});

describe("statistics, with bounds of four standard errors", () => {
  const count = 4000;
  const draw = (options: Partial<GenerateSyntheticOptions>) => [
    ...generateSynthetic({ type: "mix", transfer: true, count, seed: 1, ...options }),
  ];
  const expectShare = (right: number, all: number, share: number) =>
    expect(Math.abs(right / all - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / all));
  const participantWins = (example: SyntheticExample) => {
    const { amounts, participant } = retell(example);
    return amounts[example.asked.indexOf(participant!)] === Math.max(...amounts);
  };

  test.each([[{ digits: 7 }], [{ maxDigits: 6 }], [{ people: 4, digits: 3 }]])(
    "types, roles, winners and places are fair coins, each independent of the next: %j",
    (options) => {
      const examples = draw(options);
      const flags: Record<string, (example: SyntheticExample) => boolean> = {
        max: ({ type }) => type === "max",
        giver: ({ asked_role }) => asked_role === "giver",
        wins: participantWins,
        first: (example) => example.asked[0] === retell(example).participant,
      };
      const told = examples.map((example) =>
        Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag(example)])),
      );
      for (const name of Object.keys(flags)) {
        expectShare(told.filter((flag) => flag[name]).length, count, 1 / 2);
        for (const other of Object.keys(flags)) {
          if (other !== name)
            expectShare(told.filter((flag) => flag[name] && flag[other]).length, count, 1 / 4);
        }
      }
    },
  );

  test("without transfer the person named first wins half the time", () => {
    const examples = draw({ transfer: false });
    expectShare(
      examples.filter((example) => retell(example).amounts[0]! > retell(example).amounts[1]!).length,
      count,
      1 / 2,
    );
  });

  test("names, objects, giver and asked are uniform over their places", () => {
    const examples = draw({ people: 5, digits: 4 });
    const expectUniform = (values: readonly unknown[], kinds: number) => {
      const counts = new Map<unknown, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      expect(counts.size).toBe(kinds);
      const expected = values.length / kinds;
      let chiSquare = 0;
      for (const seen of counts.values()) chiSquare += (seen - expected) ** 2 / expected;
      expect(chiSquare).toBeLessThan(kinds - 1 + 4 * Math.sqrt(2 * (kinds - 1)));
    };
    expectUniform(
      examples.map(({ people }) => people[0]),
      100,
    );
    expectUniform(
      examples.map(({ people }) => people[4]),
      100,
    );
    expectUniform(
      examples.map(({ passage }) => passage.split(" ")[3]!.replace(",", "")),
      40,
    );
    expectUniform(
      examples.map(({ people, giver, receiver }) => `${people.indexOf(giver!)} ${people.indexOf(receiver!)}`),
      20,
    );
    expectUniform(
      examples.map(({ people, asked, giver, receiver }) =>
        people
          .filter((name) => name !== giver && name !== receiver)
          .indexOf(asked.find((name) => name !== giver && name !== receiver)!),
      ),
      3,
    );
    const plain = draw({ transfer: false, people: 4, digits: 4 });
    expectUniform(
      plain.map(({ people, asked }) => asked.map((name) => people.indexOf(name)).join()),
      12,
    );
  });

  test("amounts without transfer are uniform; lengths of amounts up to six digits are, too", () => {
    const plain = draw({ transfer: false }).flatMap(({ numbers }) => numbers);
    const tenths = Array.from(
      { length: 9 },
      (_, i) => plain.filter((n) => Math.floor(n / 1e6) === i + 1).length,
    );
    for (const tenth of tenths) expectShare(tenth, plain.length, 1 / 9);
    const short = draw({ transfer: false, maxDigits: 6, people: 2 }).flatMap(({ numbers }) => numbers);
    // That the two differ makes one digit a little rarer: 1/6 (1 - 1/54) / (1 - 1/324 (1 + 1/10 + ...)).
    const same = [1, 2, 3, 4, 5, 6].reduce((sum, digits) => sum + 1 / (36 * 9 * 10 ** (digits - 1)), 0);
    for (const digits of [1, 2, 3, 4, 5, 6]) {
      const share = (1 / 6) * ((1 - 1 / (54 * 10 ** (digits - 1))) / (1 - same));
      expectShare(short.filter((n) => String(n).length === digits).length, short.length, share);
    }
  });

  test("labels: about half of the max questions with transfer, never argmax questions", () => {
    const examples = draw({});
    const max = examples.filter(({ type }) => type === "max");
    expectShare(max.filter(({ arg_labels }) => arg_labels.length > 0).length, max.length, 1 / 2);
    for (const example of examples) {
      if (example.type === "argmax") expect(example.arg_labels).toEqual([]);
      else if (participantWins(example)) expect(example.arg_labels).toContainEqual(example.gold_pair);
    }
  });

  // The law itself, word for word: people and winner first, then all amounts anew until everything holds.
  test.each([
    [{ digits: 1, people: 5 }, 1],
    [{ maxDigits: 2, people: 9 }, 2],
  ] as const)("amounts follow the law that is drawn by rejecting whole passages: %j", (options, seed) => {
    const most = "digits" in options ? options.digits : options.maxDigits;
    const law = createAmountLaw("digits" in options ? most : 1, most);
    const stream = new DrawStream(key(seed));
    const features = (role: string, wins: boolean, core: number[], rest: number[]) => [
      `${role} ${wins} ${core.map((n) => Math.min(3, Math.ceil(n / (law.maximum / 3)))).join("")}`,
      `${role} ${wins} ${[...core, ...rest].filter((n) => n < 10).length}`,
      `${role} ${rest.filter((n) => n % 2 === 0).length}`,
    ];
    const naive = () => {
      const role = stream.coin() ? "giver" : "receiver";
      const wins = stream.coin();
      for (;;) {
        const all = Array.from({ length: options.people + 1 }, () => drawAmount(law, stream));
        const [givers, receivers, outsiders, given] = all as [number, number, number, number];
        const after = role === "giver" ? givers - given : receivers + given;
        if (givers - given < law.minimum || after < law.minimum || after > law.maximum) continue;
        if (new Set([...all, after]).size < all.length + 1 || after > outsiders !== wins) continue;
        return features(role, wins, all.slice(0, 4), all.slice(4));
      }
    };
    const ours = ({ people, numbers, giver, receiver, asked, asked_role: role }: SyntheticExample) => {
      const outsider = asked.find((name) => name !== giver && name !== receiver)!;
      const places = [giver!, receiver!, outsider].map((name) => people.indexOf(name));
      const core = [...places.map((place) => numbers[place]!), numbers.at(-1)!];
      const rest = numbers.filter((_, i) => i < people.length && !places.includes(i));
      const after = role === "giver" ? core[0]! - core[3]! : core[1]! + core[3]!;
      return features(role!, after > core[2]!, core, rest);
    };
    const drawn = draw({ ...options, count: 6000 }).map(ours);
    const wanted = Array.from({ length: 6000 }, naive);
    for (const feature of [0, 1, 2]) {
      const counts = new Map<string, [number, number]>();
      for (const [which, rows] of [drawn, wanted].entries()) {
        for (const row of rows) {
          const pair = counts.get(row[feature]!) ?? [0, 0];
          pair[which]! += 1;
          counts.set(row[feature]!, pair);
        }
      }
      // Two samples of one law: (a - b)^2 / (a + b) summed over the bins, rare bins taken together.
      const bins = [...counts.values()].filter(([a, b]) => a + b >= 20);
      const rare = [...counts.values()].filter(([a, b]) => a + b < 20);
      bins.push(rare.reduce<[number, number]>(([a, b], [c, d]) => [a + c, b + d], [0, 0]));
      const chiSquare = bins.reduce((sum, [a, b]) => sum + (a - b) ** 2 / Math.max(1, a + b), 0);
      expect(chiSquare).toBeLessThan(bins.length - 1 + 4 * Math.sqrt(2 * bins.length));
    }
  });
});

describe("who is named first, and in which words", () => {
  const firstWins = ({ asked, people, numbers, giver, receiver }: SyntheticExample) => {
    const [a, b] = asked.map((name) => {
      const change = name === giver ? -numbers.at(-1)! : name === receiver ? numbers.at(-1)! : 0;
      return numbers[people.indexOf(name)]! + change;
    }) as [number, number];
    return a > b;
  };

  test.each([
    [0.95, true],
    [0.05, true],
    [0.95, false],
    [0, true],
    [1, false],
  ])("bias %d, transfer %j: the person named first wins that often, and all else holds", (bias, transfer) => {
    const count = 2000;
    const examples = [...generateSynthetic({ type: "mix", transfer, bias, count, seed: 2 })];
    for (const example of examples.slice(0, 200)) expectLawful(example, [1e6, 1e7 - 1]);
    const share = examples.filter(firstWins).length / count;
    expect(Math.abs(share - bias)).toBeLessThanOrEqual(4 * Math.sqrt((bias * (1 - bias)) / count));
    expect(examples[0]!.setting).toBe(`mix-${transfer ? "tr" : "no"}-bias${bias}`);
  });

  test("a bias of a half is the default, to the last draw", () => {
    const options = { type: "mix", transfer: true, seed: 8 } as const;
    expect(syntheticExample({ ...options, bias: 0.5, wording: "table2" }, 3)).toEqual(
      syntheticExample(options, 3),
    );
  });

  test("shared wording: the same stories, both questions alike but for their first word", () => {
    const options = { type: "mix", transfer: true, seed: 8 } as const;
    for (let i = 0; i < 20; i++) {
      const { setting, question, ...story } = syntheticExample({ ...options, wording: "shared" }, i);
      const { setting: _, question: __, ...usual } = syntheticExample(options, i);
      expect(story).toEqual(usual);
      expect(setting).toBe("mix-tr-shared");
      const [a, b] = story.asked;
      const object = story.passage.split(" ")[3]!.replace(",", "");
      const first = story.type === "max" ? "What" : "Who";
      expect(question).toBe(`${first} max of ${object} owned either by ${a} or ${b}?`);
    }
  });

  test.each([true, false])(
    "difference, transfer %j: how many more the winner, named first, has",
    (transfer) => {
      const options = { type: "difference", transfer, people: 5, digits: 4, seed: 1 } as const;
      for (const example of generateSynthetic({ ...options, count: 200 })) {
        const { question, answer, asked, numbers, people, gold_pair: gold, arg_labels: labels } = example;
        expect([example.setting, example.type]).toEqual([
          `difference-${transfer ? "tr" : "no"}`,
          "difference",
        ]);
        expect(firstWins(example)).toBe(true);
        const match = /^How many more (\w+) does (\w+) have than (\w+)\?$/.exec(question)!;
        expect([match[2], match[3]]).toEqual(asked);
        expect(SYNTHETIC_OBJECTS).toContain(match[1]);
        if (transfer) continue;
        const [a, b] = asked.map((name) => people.indexOf(name)) as [number, number];
        expect(readAmount(answer)).toBe(numbers[a]! - numbers[b]!);
        expect(gold).toEqual(a < b ? [a, b] : [b, a]);
        expect(labels).toContainEqual(gold);
      }
    },
  );
});

describe("impossible settings", () => {
  const options = { type: "max", transfer: true, seed: 0 } as const;
  test.each([
    [{ people: 1 }, /E_RANGE.*`people`.*from 3 to 100, got 1\./],
    [{ people: 1, transfer: false }, /E_RANGE.*`people`.*from 2 to 100, got 1\./],
    [{ people: 2 }, /E_RANGE.*`people`.*from 3 to 100, got 2\./],
    [{ people: 101 }, /E_RANGE.*`people`.*from 3 to 100, got 101: there are 100 names/],
    [{ people: 2.5 }, /E_RANGE.*`people`.*got 2\.5/],
    [
      { people: 8, digits: 1 },
      /E_RANGE.*`people`.*from 3 to 7, got 8: only 9 amounts differ, and a transfer/,
    ],
    [{ people: 10, digits: 1, transfer: false }, /E_RANGE.*`people`.*from 2 to 9, got 10: only 9 amounts/],
    [{ people: 89, digits: 2 }, /E_RANGE.*`people`.*from 3 to 88, got 89/],
    [{ people: 98, maxDigits: 2 }, /E_RANGE.*`people`.*from 3 to 97, got 98/],
    [{ digits: 0 }, /E_RANGE.*`digits`.*from 1 to 15, got 0\./],
    [{ digits: 16 }, /E_RANGE.*`digits`.*from 1 to 15, got 16\./],
    [{ digits: Number.NaN }, /E_RANGE.*`digits`.*got NaN/],
    [{ maxDigits: 0 }, /E_RANGE.*`maxDigits`.*from 1 to 15, got 0\./],
    [{ digits: 7, maxDigits: 6 }, /E_USAGE.*not both/],
    [{ type: "min" }, /E_NAME.*`type`.*"argmax", "max", "mix", "difference", got "min"/],
    [{ wording: "own" }, /E_NAME.*`wording`.*"table2", "shared", got "own"/],
    [{ bias: 1.5 }, /E_RANGE.*`bias`.*0 to 1, got 1\.5/],
    [{ bias: Number.NaN }, /E_RANGE.*`bias`/],
    [{ type: "difference", bias: 0.9 }, /E_USAGE.*not for type difference/],
    [{ role: "thief" }, /E_NAME.*`role`.*"both", "giver", "receiver", got "thief"/],
    [{ transfer: "yes" }, /E_USAGE.*`transfer`/],
    [{ seed: -1 }, /E_RANGE.*`seed`/],
  ])("%j", (change, message) => {
    const changed = { ...options, ...change } as SyntheticOptions;
    expect(() => syntheticExample(changed, 0)).toThrow(message);
    // At the call: nothing has to be drawn to learn of it.
    expect(() => generateSynthetic({ ...changed, count: 1 })).toThrow(message);
  });

  test("counts and places", () => {
    expect([...generateSynthetic({ ...options, count: 0 })]).toEqual([]);
    expect(() => generateSynthetic({ ...options, count: -1 })).toThrow(
      /E_RANGE.*`count`.*at least 0, got -1/,
    );
    expect(() => generateSynthetic({ ...options, count: 1, start: 0.5 })).toThrow(/E_RANGE.*`start`/);
    expect(() => syntheticExample(options, -1)).toThrow(/E_RANGE.*`index`/);
  });
});

test("the lists are those of the specification", () => {
  expect([SYNTHETIC_NAMES.length, new Set(SYNTHETIC_NAMES).size]).toEqual([100, 100]);
  expect([SYNTHETIC_OBJECTS.length, new Set(SYNTHETIC_OBJECTS).size]).toEqual([40, 40]);
});
