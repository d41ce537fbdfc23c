import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tokenizer } from "@huggingface/tokenizers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { syntheticExample } from "../data/generateSynthetic";
import { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS } from "../data/syntheticWords";
import { DigitTokenizer } from "./digitTokenizer";
import { BERT_SPECIAL_TOKENS } from "./tokenizerJson";

const tokenizer = DigitTokenizer.synthetic();
const tokens = (text: string, by = tokenizer) => by.encode(text).map((id) => by.token(id));
/** Tokens with the stretch of the text that each covers. */
const covered = (text: string, by = tokenizer) => {
  const { ids, offsets } = by.tokenize(text);
  return Array.from(ids, (id, i) => [by.token(id), text.slice(offsets[2 * i], offsets[2 * i + 1])]);
};
const numbers = (text: string) => tokenizer.tokenize(text).numbers.map(({ value }) => value);

/** Letters, punctuation and an emoji, for words that the synthetic vocabulary lacks. */
const spelling = new DigitTokenizer({
  tokens: [
    ...Object.values(BERT_SPECIAL_TOKENS),
    ..."0123456789".split("").flatMap((digit) => [digit, `##${digit}`]),
    ..."abcdefghijklmnopqrstuvwxyzשלום🍇'#.-".split(/(?:)/u).flatMap((letter) => [letter, `##${letter}`]),
    ...["cafe", "th", "##th", "1990", "##km", "有", "σ", "##σ", "ss", "ß", "###ж"],
  ],
  special: BERT_SPECIAL_TOKENS,
  lowercase: true,
  stripAccents: true,
  maximumCharacters: 100,
});

describe("numbers", () => {
  test.each([
    ["123", ["1", "##2", "##3"]],
    ["5,903,204", ["5", "##9", "##0", "##3", "##2", "##0", "##4"]],
    ["-59", ["-", "5", "##9"]],
    ["3.50", ["3", ".", "##5", "##0"]],
    ["95 = 72 + 23", ["9", "##5", "=", "7", "##2", "+", "2", "##3"]],
    ["1,2", ["1", ",", "2"]],
    ["10th", ["1", "##0", "[UNK]"]],
    ["7.", ["7", "."]],
  ])("%j becomes %j", (text, expected) => {
    expect(tokens(text)).toEqual(expected);
  });

  test.each([
    ["Anna has 5,903,204 grapes, Carl gave 72.", ["5903204", "72"]],
    ["3.50 and 0.5 and .5 and 007", ["3.5", "0.5", "0.5", "7"]],
    ["-59 (-5) −3 +4 = -1.5", ["-59", "-5", "-3", "4", "-1.5"]],
    ["1990-1995, 42 - 17, x-1", ["1990", "1995", "42", "17", "1"]],
    ["1,2,3 12,345,67 1234,567", ["1", "2", "3", "12", "345", "67", "1234", "567"]],
    ["10th B2 3.5km 1.2.3 2½ x² a1b", []],
    ["$1,234.50, 23-yard, 7:30, 50%", ["1234.5", "23", "7", "30", "50"]],
    ["有3个 🍇5 5️⃣ ١٢ １２", ["3", "5"]],
    ["9,007,199,254,740,993", ["9007199254740993"]],
    ["-0 0.0", ["0", "0"]],
  ])("of %j are %j", (text, expected) => {
    expect(numbers(text)).toEqual(expected);
  });

  test("know their tokens and places", () => {
    const text = "so (-1,024.5) more";
    const { ids, offsets, numbers } = tokenizer.tokenize(text);
    const { start, end, firstToken, tokenCount, value } = numbers[0]!;
    expect(value).toBe("-1024.5");
    expect(text.slice(start, end)).toBe("-1,024.5");
    const own = Array.from(ids.subarray(firstToken, firstToken + tokenCount), (id) => tokenizer.token(id));
    expect(own).toEqual(["1", "##0", "##2", "##4", ".", "##5"]);
    expect(tokenizer.token(ids[firstToken - 1]!)).toBe("-");
    expect(offsets[2 * firstToken]).toBe(start + 1);
    expect(offsets[2 * (firstToken + tokenCount - 1) + 1]).toBe(end);
  });

  test("any decimal, however it is written, is read back exactly", () => {
    const decimal = fc.tuple(
      fc.bigInt({ min: 0n, max: 10n ** 25n }),
      fc.nat({ max: 9999 }),
      fc.boolean(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(decimal, ([whole, fraction, negative, commas]) => {
        const written = commas ? String(whole).replace(/\B(?=(?:\d{3})+$)/g, ",") : String(whole);
        const tail = fraction === 0 ? "" : `.${fraction}`;
        const expected = `${whole}${tail}`.replace(/(\.\d*?)0+$/, "$1");
        const text = `has ${negative ? "-" : ""}${written}${tail}, or`;
        const { ids, numbers } = tokenizer.tokenize(text);
        expect(numbers.map(({ value }) => value)).toEqual([
          negative && expected !== "0" ? `-${expected}` : expected,
        ]);
        const { firstToken, tokenCount } = numbers[0]!;
        const joined = Array.from(ids.subarray(firstToken, firstToken + tokenCount), (id) =>
          tokenizer.token(id),
        );
        expect(joined.join("").replaceAll("##", "")).toBe(`${whole}${tail}`);
        expect(joined[0]).toMatch(/^\d$/);
        expect(joined.slice(1).every((token) => token === "." || /^##\d$/.test(token))).toBe(true);
      }),
    );
  });

  test("are those of the synthetic passages", () => {
    for (let i = 0; i < 200; i++) {
      const options = { type: "mix", transfer: i % 2 === 0, maxDigits: 9, seed: 0 } as const;
      const { passage, question, answer, numbers } = syntheticExample(options, i);
      const found = tokenizer.tokenize(passage).numbers;
      expect(found.map(({ value }) => Number(value))).toEqual(numbers);
      expect(tokenizer.tokenize(question).numbers).toEqual([]);
      for (const text of [passage, question, answer]) {
        expect(tokenizer.encode(text)).not.toContain(tokenizer.special.unk);
      }
    }
  });
});

describe("offsets", () => {
  test.each([
    [
      "Café CAFE\u0301x",
      [
        ["cafe", "Café"],
        ["cafe", "CAFE\u0301"],
        ["##x", "x"],
      ],
    ],
    [
      "Cafe\u0301!",
      [
        ["cafe", "Cafe\u0301"],
        ["[UNK]", "!"],
      ],
    ],
    [
      "🍇a 🍇",
      [
        ["🍇", "🍇"],
        ["##a", "a"],
        ["🍇", "🍇"],
      ],
    ],
    [
      "👨‍👩‍👧 b",
      [
        ["[UNK]", "👨‍👩‍👧"],
        ["b", "b"],
      ],
    ],
    [
      "שלום 12",
      [
        ["ש", "ש"],
        ["##ל", "ל"],
        ["##ו", "ו"],
        ["##ם", "ם"],
        ["1", "1"],
        ["##2", "2"],
      ],
    ],
    [
      "\u200fa\u0000b\u200d\u00adc",
      [
        ["a", "a"],
        ["##b", "b\u200d"],
        ["##c", "c"],
      ],
    ],
    [
      "1,024",
      [
        ["1", "1"],
        ["##0", "0"],
        ["##2", "2"],
        ["##4", "4"],
      ],
    ],
    [
      "有有x",
      [
        ["有", "有"],
        ["有", "有"],
        ["x", "x"],
      ],
    ],
    [
      "İX",
      [
        ["i", "İ"],
        ["##x", "X"],
      ],
    ],
    [
      "a\u00a0b\u3000c\td",
      [
        ["a", "a"],
        ["b", "b"],
        ["c", "c"],
        ["d", "d"],
      ],
    ],
    [
      "10th #5",
      [
        ["1", "1"],
        ["##0", "0"],
        ["##th", "th"],
        ["#", "#"],
        ["5", "5"],
      ],
    ],
    [
      "1,0\u200d", // found by the property below: the number's token took the joiner
      [
        ["1", "1"],
        ["[UNK]", ","],
        ["0", "0"],
      ],
    ],
    [
      "1990",
      [
        ["1", "1"],
        ["##9", "9"],
        ["##9", "9"],
        ["##0", "0"],
      ],
    ],
    [
      "7é7",
      [
        ["7", "7"],
        ["##e", "é"],
        ["##7", "7"],
      ],
    ],
    [
      "7ж",
      [
        ["7", "7"],
        ["[UNK]", "ж"],
      ],
    ], // not the piece "#"
    ["\ud83c", []],
    ["ΣΑΣ", [["[UNK]", "ΣΑΣ"]]],
    [
      "ΣΣ",
      [
        ["σ", "Σ"],
        ["##σ", "Σ"],
      ],
    ], // character by character: no final sigma
  ])("%j", (text, expected) => {
    expect(covered(text, spelling)).toEqual(expected);
  });

  test("are in order, within the text, and cover all but blanks, commas in numbers and control characters", () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 6 }),
      fc.string({ unit: "binary", maxLength: 6 }),
      fc.constantFrom("1,024", "-3.5", "é", "🍇", "שלום", " ", "10th", "e\u0301", "\u200d", ".5"),
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(text, (given) => {
        const { ids, offsets, numbers } = spelling.tokenize(given);
        expect(offsets.length).toBe(2 * ids.length);
        const seen = new Uint8Array(given.length);
        let before = 0;
        for (let i = 0; i < ids.length; i++) {
          const [start, end] = [offsets[2 * i]!, offsets[2 * i + 1]!];
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          before = end;
          seen.fill(1, start, end);
        }
        expect(before).toBeLessThanOrEqual(given.length);
        const uncovered = [...given.matchAll(/[\s\S]/g)]
          .filter(({ index }) => !seen[index])
          .map(([unit]) => unit);
        // Halves of characters outside the basic plane are surrogates, \p{Cs}, here.
        expect(uncovered.filter((unit) => !/[\s,\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{M}]/u.test(unit))).toEqual(
          [],
        );
        for (const { start, end, firstToken, tokenCount } of numbers) {
          expect(offsets[2 * (firstToken + tokenCount) - 1]).toBe(end);
          expect(offsets[2 * firstToken]).toBeGreaterThanOrEqual(start);
          expect(given.slice(start, end)).toMatch(/^[-−]?[\d.,]+$/);
        }
        expect([...ids]).toEqual(spelling.encode(given));
      }),
      { numRuns: 400 },
    );
  });
});

test("the synthetic vocabulary: every word of the task, special tokens first", () => {
  expect(tokenizer.size).toBe(193);
  expect(tokenizer.special).toEqual({ pad: 0, unk: 1, cls: 2, sep: 3, mask: 4 });
  for (const word of [...SYNTHETIC_NAMES, ...SYNTHETIC_OBJECTS])
    expect(tokens(word)).toEqual([word.toLowerCase()]);
  for (let id = 0; id < tokenizer.size; id++) expect(tokenizer.id(tokenizer.token(id))).toBe(id);
  expect(tokenizer.isContinuation(tokenizer.id("##7")!)).toBe(true);
  expect(tokenizer.isContinuation(tokenizer.id("7")!)).toBe(false);
  expect([tokenizer.id("xyz"), tokenizer.token(9999)]).toEqual([undefined, "[UNK]"]);
  expect(tokens("[SEP] Who")).toEqual(["[UNK]", "[UNK]", "[UNK]", "who"]); // a text cannot end its own sequence
});

describe("files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "symgrad-tokenizer-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  let places = 0;
  const place = async (files: Record<string, string>) => {
    const path = join(folder, String(places++));
    await mkdir(path);
    for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
    return path;
  };

  test("what was saved loads as the same tokenizer, from tokenizer.json and from vocab.txt", async () => {
    const text = "Who has more grapes: Anna or Carl? 5,903,204 - 7 = -3.5";
    for (const original of [tokenizer, spelling]) {
      const path = join(folder, `saved-${original.size}`);
      await original.save(path);
      const vocabulary = await readFile(join(path, "vocab.txt"), "utf8");
      const written = await readFile(join(path, "tokenizer.json"), "utf8");
      expect(JSON.parse(written)).toEqual(original.toJSON());
      // In order of ids, as the reference library writes it, although JavaScript sorts "0" to "9" first.
      const order = [...written.slice(written.indexOf('"vocab"')).matchAll(/: (\d+)/g)].map(([, id]) =>
        Number(id),
      );
      expect(order).toEqual(Array.from({ length: original.size }, (_, id) => id));

      const onlyVocabulary = await place({ "vocab.txt": vocabulary });
      for (const from of [path, onlyVocabulary]) {
        const loaded = await DigitTokenizer.fromFolder(from);
        expect(loaded.size).toBe(original.size);
        expect(loaded.special).toEqual(original.special);
        expect(loaded.tokenize(text)).toEqual(original.tokenize(text));
        expect(loaded.files()).toEqual(original.files());
      }
    }
  });

  test("Hugging Face's own tokenizer reads what was saved, and agrees where there are no numbers", () => {
    for (const ours of [tokenizer, spelling]) {
      const theirs = new Tokenizer(
        JSON.parse(ours.files()["tokenizer.json"]) as object,
        JSON.parse(ours.files()["tokenizer_config.json"]) as object,
      );
      const { cls, sep } = ours.special;
      const text = fc.oneof(
        fc.string({ maxLength: 20 }),
        fc
          .array(
            fc.constantFrom("Anna", "HAS", "café", "מ", " ", "'", "有", "🍇", "ab", "#", "?", "e\u0301"),
            { maxLength: 8 },
          )
          .map((parts) => parts.join("")),
      );
      fc.assert(
        fc.property(text, (given) => {
          fc.pre(!/\d|\[(?:PAD|UNK|CLS|SEP|MASK)\]/.test(given));
          expect([cls, ...ours.encode(given), sep]).toEqual(theirs.encode(given).ids);
        }),
        { numRuns: 300 },
      );
    }
  });

  test("a cased vocabulary keeps case and accents", async () => {
    const list = [
      ...Object.values(BERT_SPECIAL_TOKENS),
      ..."0123456789".split("").flatMap((d) => [d, `##${d}`]),
      "É",
    ];
    const path = await place({
      "vocab.txt": `${list.join("\r\n")}\r\n`,
      "tokenizer_config.json": '{"do_lower_case": false}',
    });
    const cased = await DigitTokenizer.fromFolder(path);
    expect(tokens("É é", cased)).toEqual(["É", "[UNK]"]);
    expect((await DigitTokenizer.fromFolder(await place(cased.files()))).files()).toEqual(cased.files());
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["an empty folder", {}, /E_FILE there is no tokenizer in .*no tokenizer\.json, no vocab\.txt/],
    [
      "a cut tokenizer.json",
      { "tokenizer.json": '{"model": {' },
      /E_FORMAT .*tokenizer\.json is not JSON.*\n.*cut off/,
    ],
    ["a list", { "tokenizer.json": "[]" }, /E_FORMAT .*expected a JSON object, got an array/],
    ["no model", { "tokenizer.json": "{}" }, /E_FORMAT `model` must be an object, got nothing/],
    [
      "another model",
      { "tokenizer.json": '{"model": {"type": "BPE"}}' },
      /E_FORMAT `model.type` must be "WordPiece", got "BPE"/,
    ],
    [
      "no vocabulary",
      { "tokenizer.json": '{"model": {"type": "WordPiece"}}' },
      /E_FORMAT `model.vocab`.*got nothing/,
    ],
    ["a line twice", { "vocab.txt": "a\nb\na\n" }, /E_FORMAT the token "a" stands on lines 1 and 3/],
    ["no digits", { "vocab.txt": "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n" }, /E_VOCABULARY.*lacks "0", "1"/],
    ["no special tokens", { "vocab.txt": "" }, /E_VOCABULARY.*lacks "\[PAD\]"/],
  ])("%s: a clear error", async (_, files, message) => {
    const path = await place(files);
    await expect(DigitTokenizer.fromFolder(path)).rejects.toMatchObject({
      name: "SymgradError",
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ["normalizer", { type: "Lowercase" }, /`normalizer.type` must be "BertNormalizer", got "Lowercase"/],
    ["pre_tokenizer", null, /`pre_tokenizer.type` must be "BertPreTokenizer", got null/],
  ])("another %s: a clear error", async (part, value, message) => {
    const path = await place({ "tokenizer.json": JSON.stringify({ ...tokenizer.toJSON(), [part]: value }) });
    await expect(DigitTokenizer.fromFolder(path)).rejects.toThrow(message);
  });

  test("ids with holes or twice: a clear error", async () => {
    for (const [id, message] of [
      [500, /E_FORMAT the ids of 193 tokens must be 0 to 192, got 500 for "anna"/],
      [3, /E_FORMAT two tokens have the id 3/],
      ["7", /E_FORMAT.*got "7" for "anna"/],
    ] as const) {
      const json = tokenizer.toJSON();
      const model = { ...json.model, vocab: { ...json.model.vocab, anna: id } };
      const path = await place({ "tokenizer.json": JSON.stringify({ ...json, model }) });
      await expect(DigitTokenizer.fromFolder(path)).rejects.toThrow(message);
    }
  });

  test("a missing folder, and a file in its place", async () => {
    await expect(DigitTokenizer.fromFolder(join(folder, "none"))).rejects.toThrow(
      /E_FILE there is no tokenizer folder/,
    );
    const path = join(await place({ "vocab.txt": "" }), "vocab.txt");
    await expect(DigitTokenizer.fromFolder(path)).rejects.toThrow(/E_FILE .* is a file/);
    await expect(tokenizer.save(path)).rejects.toThrow(/E_FILE/);
  });

  const data = process.env.SYMGRAD_DATA;
  test.skipIf(data === undefined)("bert-base-uncased, as Hugging Face stores it", async () => {
    const stored = join(data!, "qa", "hf-bert-tokenizer-files");
    const vocabulary = join(data!, "qa", "bert-base-uncased-vocab.txt");
    const bert = await DigitTokenizer.fromFolder(stored);
    expect([bert.size, bert.special]).toEqual([30_522, { pad: 0, unk: 100, cls: 101, sep: 102, mask: 103 }]);
    expect(tokens("In 1990, 123 Café", bert)).toEqual("in 1 ##9 ##9 ##0 , 1 ##2 ##3 cafe".split(" "));
    expect(bert.id("1990")).toBeDefined();
    const words = [...SYNTHETIC_NAMES, ...SYNTHETIC_OBJECTS];
    expect(words.filter((word) => bert.id(word.toLowerCase()) === undefined)).toEqual([]);
    expect(bert.files()["vocab.txt"]).toBe(await readFile(vocabulary, "utf8"));

    const path = await place({});
    await cp(vocabulary, join(path, "vocab.txt"));
    const text = "Naïve 有 covid19 [SEP] שלום, the re-election of 1,024.5%";
    expect((await DigitTokenizer.fromFolder(path)).tokenize(text)).toEqual(bert.tokenize(text));

    const json = JSON.parse(await readFile(join(stored, "tokenizer.json"), "utf8")) as object;
    const theirs = new Tokenizer(json, {});
    const word = fc.constantFrom(
      ...(await readFile(vocabulary, "utf8")).split("\n").filter((w) => !/\d/.test(w)),
    );
    const given = fc.array(fc.oneof(word, fc.constantFrom(" ", "-", "É", "ß", "🍇", "Ǆ")), { maxLength: 8 });
    fc.assert(
      fc.property(given, (parts) => {
        const joined = parts.join("");
        fc.pre(!/[[\]]|\p{Nd}|\p{No}/u.test(joined));
        expect([101, ...bert.encode(joined), 102]).toEqual(theirs.encode(joined).ids);
      }),
      { numRuns: 300 },
    );
  });
});

test("a tokenizer that @huggingface/transformers opened reads as the folder does; what is none is refused", async () => {
  const fixtures = fileURLToPath(new URL("../../../../fixtures/bert", import.meta.url));
  const fixture = join(fixtures, "bert");
  const { AutoTokenizer, env } = await import("@huggingface/transformers");
  Object.assign(env, { allowRemoteModels: false, localModelPath: fixtures });
  const opened = await AutoTokenizer.from_pretrained("bert");
  const ours = DigitTokenizer.fromTransformers(opened, { digits: "whole" });
  const text = "Anna gave 12 grapes to Carl, who has 7 🍇.";
  expect(ours.encode(text)).toEqual(opened.encode(text, { add_special_tokens: false }));
  expect(ours.files()).toEqual((await DigitTokenizer.fromFolder(fixture, { digits: "whole" })).files());
  expect(DigitTokenizer.fromTransformers(opened).tokenize("12").numbers).toMatchObject([{ value: "12" }]);
  expect(() => DigitTokenizer.fromTransformers({} as never)).toThrow(/E_USAGE .*AutoTokenizer/s);
  const other = { _tokenizerJSON: { model: { type: "BPE" } } };
  expect(() => DigitTokenizer.fromTransformers(other)).toThrow(/E_FORMAT .*"WordPiece"/);
});
