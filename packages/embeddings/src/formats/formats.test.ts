import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { WordVectors } from "../wordVectors";
import { formatFloat32 } from "./formatFloat32";
import { loadWordVectors } from "./loadWordVectors";
import { parseNumbers } from "./parseNumbers";
import { saveWordVectors } from "./saveWordVectors";
import { type LoadWordVectorsOptions, type WordVectorsFormat, wordVectorsFormats } from "./wordVectorsFormat";

const folder = mkdtempSync(join(tmpdir(), "symgrad-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../fixtures/embeddings/${name}`, import.meta.url));
const golden = JSON.parse(readFileSync(fixture("golden.json"), "utf8")) as {
  words: string[];
  values: number[];
};
const goldenVectors = () =>
  new WordVectors({ words: golden.words, dimension: 24, values: Float32Array.from(golden.values) });
const write = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const load = (content: string | Uint8Array, options?: LoadWordVectorsOptions) =>
  loadWordVectors(write("given", content), options);
/** Word and bits, so that -0 is not 0. */
const contents = ({ words, dimension, values }: WordVectors) => ({
  words: [...words],
  dimension,
  bits: Array.from(new Int32Array(values.buffer, values.byteOffset, values.length)),
});
const nameOf = (format: WordVectorsFormat) =>
  format === "safetensors" ? "model.safetensors" : format === "projector" ? "vectors.tsv" : "vectors.bin";

describe("files of gensim", () => {
  test.each(["gensim.bin", "gensim.txt", "gensim-glove.txt", "gensim_tensor.tsv"])(
    "%s: every word and every bit",
    async (name) => {
      expect(contents(await loadWordVectors(fixture(name)))).toEqual(contents(goldenVectors()));
    },
  );

  test("what we write differs from what gensim writes by the line breaks of word2vec.c alone", async () => {
    const file = join(folder, "ours.bin");
    await saveWordVectors(goldenVectors(), file);
    const theirs = readFileSync(fixture("gensim.bin"));
    const ours = readFileSync(file);
    expect(ours.length).toBe(theirs.length + golden.words.length);
    const lines = golden.words.map((word, row) =>
      Buffer.concat([
        Buffer.from(`${word} `),
        Buffer.from(Float32Array.from(golden.values.slice(24 * row, 24 * row + 24)).buffer),
      ]),
    );
    expect(theirs).toEqual(Buffer.concat([Buffer.from("33 24\n"), ...lines]));
    expect(ours).toEqual(
      Buffer.concat([Buffer.from("33 24\n"), ...lines.flatMap((line) => [line, Buffer.from("\n")])]),
    );
  });

  const python = process.env.SYMGRAD_PYTHON;
  const hasGensim = (() => {
    try {
      if (python) execFileSync(python, ["-c", "import gensim"], { stdio: "ignore" });
      return python !== undefined;
    } catch {
      return false;
    }
  })();
  test.skipIf(!hasGensim)(
    "gensim reads what we write (SYMGRAD_PYTHON names a Python with gensim)",
    async () => {
      for (const [name, binary, header] of [
        ["ours.bin", "True", "False"],
        ["ours.txt", "False", "False"],
        ["ours.bin.gz", "True", "False"],
        ["ours.glove", "False", "True"],
      ] as const) {
        const file = join(folder, name);
        await saveWordVectors(goldenVectors(), file, name === "ours.glove" ? { format: "glove" } : {});
        const script = `
import json, sys
from gensim.models import KeyedVectors
v = KeyedVectors.load_word2vec_format(${JSON.stringify(file)}, binary=${binary}, no_header=${header})
print(json.dumps([v.index_to_key, v.vectors.ravel().tolist()]))`;
        const [words, values] = JSON.parse(String(execFileSync(python!, ["-c", script])));
        expect(words).toEqual(golden.words);
        expect(values).toEqual(golden.values);
      }
    },
    120_000,
  );
});

describe("round trips", () => {
  const word = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((text) => !/[\0\t\n\v\f\r ]|\p{Surrogate}/u.test(text));
  const float = fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ min: -1, max: 1, noNaN: true }),
  );
  const table = fc
    .record({ words: fc.uniqueArray(word, { maxLength: 12 }), dimension: fc.integer({ min: 1, max: 9 }) })
    .chain(({ words, dimension }) =>
      fc
        .array(float, { minLength: words.length * dimension, maxLength: words.length * dimension })
        .map((values) => new WordVectors({ words, dimension, values: Float32Array.from(values) })),
    );

  test.each(
    wordVectorsFormats.flatMap(
      (format) =>
        [
          [format, ""],
          [format, ".gz"],
        ] as const,
    ),
  )("%s%s gives back every word and every bit", async (format, gz) => {
    if (format === "safetensors" && gz) return;
    const name = join(mkdtempSync(join(folder, "trip-")), nameOf(format) + gz);
    await fc.assert(
      fc.asyncProperty(table, async (vectors) => {
        // The other forms do not say the dimension of a table without rows.
        fc.pre(vectors.size > 0 || format.startsWith("word2vec") || format === "safetensors");
        await saveWordVectors(vectors, name, { format });
        expect(contents(await loadWordVectors(name, { format }))).toEqual(contents(vectors));
      }),
      { numRuns: 20 },
    );
  });

  test("the form is told from the contents, of a small table and of one longer than a piece", async () => {
    const words = Array.from({ length: 9000 }, (_, i) => `w${i}`);
    const values = Float32Array.from({ length: 9000 * 40 }, (_, i) => Math.sin(i));
    const large = new WordVectors({ words, dimension: 40, values });
    for (const vectors of [goldenVectors(), large]) {
      for (const format of wordVectorsFormats) {
        const name = join(mkdtempSync(join(folder, "tell-")), nameOf(format));
        await saveWordVectors(vectors, name, { format });
        const loaded = await loadWordVectors(name);
        expect(loaded.words).toEqual(vectors.words);
        expect(Buffer.from(loaded.values.buffer).equals(Buffer.from(vectors.values.buffer))).toBe(true);
        const some = await loadWordVectors(name, { limit: 2 });
        expect(contents(some)).toEqual(
          contents(
            new WordVectors({
              words: vectors.words.slice(0, 2),
              dimension: vectors.dimension,
              values: vectors.values.slice(0, 2 * vectors.dimension),
            }),
          ),
        );
      }
    }
  });

  test("the same table gives the same bytes, compressed ones too", async () => {
    const [first, second] = [join(folder, "a.txt.gz"), join(folder, "b.txt.gz")];
    await saveWordVectors(goldenVectors(), first);
    await saveWordVectors(goldenVectors(), second);
    expect(readFileSync(first)).toEqual(readFileSync(second));
    expect(gunzipSync(readFileSync(first)).toString()).toMatch(/^33 24\nathens -?\d/);
  });
});

describe("numbers as text", () => {
  const bits = fc.integer().map((word) => new Float32Array(Int32Array.of(word).buffer)[0]!);
  const bytes = new Uint8Array(32);
  const format = (value: number) => Buffer.from(bytes.subarray(0, formatFloat32(value, bytes, 0))).toString();
  const parse = (text: string) => {
    const value = new Float32Array(1);
    const count = parseNumbers(Buffer.from(text), 0, Buffer.byteLength(text), value, 0, 1);
    return typeof count === "number" ? value[0]! : count;
  };

  test("any float32 comes back as itself, written with at most 9 digits", () => {
    fc.assert(
      fc.property(bits, (value) => {
        fc.pre(Number.isFinite(value));
        const text = format(value);
        expect(
          text
            .replace(/e.*/, "")
            .replace(/^-?0?\.?0*/, "")
            .replace(/\D/g, "").length,
        ).toBeLessThanOrEqual(9);
        expect(text.length).toBeLessThanOrEqual(17);
        expect(Object.is(Math.fround(Number(text)), value)).toBe(true);
        expect(Object.is(parse(text), value)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    [0.1, "0.1"],
    [-0, "-0"],
    [1e6, "1000000"],
    [1e7, "1e+7"],
    [-0.000123, "-0.000123"],
    [1e-9, "1e-9"],
    [-2.5, "-2.5"],
    [9999999, "9999999"],
    [2 ** 66, "7.378698e+19"],
  ])("%d is %s", (value, text) => {
    expect(format(Math.fround(value))).toBe(text);
  });

  test("any decimal is the nearest double, rounded", () => {
    const decimal = fc
      .tuple(
        fc.constantFrom("", "-", "+"),
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.nat(24),
        fc.integer({ min: -20, max: 15 }),
      )
      .map(([sign, digits, point, exponent]) => {
        const text = String(digits).padStart(point + 1, "0");
        const whole = text.slice(0, text.length - point);
        return `${sign}${whole}.${text.slice(text.length - point)}${exponent ? `e${exponent}` : ""}`;
      });
    fc.assert(
      fc.property(decimal, (text) => Object.is(parse(text), Math.fround(Number(text)))),
      { numRuns: 5000 },
    );
    expect([parse(".5"), parse("5."), parse("-1E2")]).toEqual([0.5, 5, -100]);
  });

  test.each(["nan", "inf", "1e39", "1.2.3", "0x10", "1_000", "-", ".", "1e", "--1"])(
    "%s is refused",
    (text) => {
      expect(parse(text)).toEqual({ text });
    },
  );
});

describe("bad files", () => {
  const binary = readFileSync(fixture("gensim.bin"));

  test("a binary file cut anywhere is refused", async () => {
    const whole = join(folder, "whole.bin");
    await saveWordVectors(goldenVectors(), whole);
    for (const bytes of [binary, readFileSync(whole)]) {
      // Without its last line break ours is still whole: that is gensim's form.
      const most = bytes.length - (bytes.at(-1) === 0x0a ? 2 : 1);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: most }), async (length) => {
          const cut = load(bytes.subarray(0, length), { format: "word2vec-binary" });
          await expect(cut).rejects.toThrow(/E_FORMAT/);
        }),
        { numRuns: 60, examples: [[most], [0]] },
      );
    }
  });

  test("a binary file cut inside its first line is not taken for another form", async () => {
    for (const length of [1, 2])
      await expect(load(binary.subarray(0, length))).rejects.toThrow(/E_FORMAT.*none/);
  });

  test("compressed and cut: inside, and where the header claims too much", async () => {
    const gz = gzipSync(binary);
    const cut = write("cut.bin.gz", gz.subarray(0, gz.length - 20));
    await expect(loadWordVectors(cut)).rejects.toThrow(/E_FORMAT .*not a whole gzip/);
    const short = write("short.bin.gz", gzipSync(binary.subarray(0, 2000)));
    await expect(loadWordVectors(short)).rejects.toThrow(/ends inside word 20 of 33[\s\S]*byte 19\d\d/);
  });

  const row = (word: string, ...numbers: number[]) =>
    Buffer.concat([Buffer.from(`${word} `), Buffer.from(Float32Array.from(numbers).buffer)]);
  const form = (...parts: (string | Buffer)[]) => Buffer.concat(parts.map((part) => Buffer.from(part)));

  test.each<[string, string | Buffer, RegExp]>([
    ["an empty file", "", /the file is empty/],
    ["prose", "Call me Ishmael.\nSome years ago", /none of the forms/],
    ["a pickle", form(Buffer.of(0x80, 4), "x"), /Python pickle[\s\S]*save_word2vec_format/],
    ["dimension 0", "2 0\na\nb\n", /0 numbers[\s\S]*line 1/],
    [
      "a header that claims more words",
      "3 2\na 1 2\nb 3 4\n",
      /the header says 3 words x 2 numbers, at least/,
    ],
    [
      "a header that claims a few more",
      "3 2\na 1.25 2.25\nb 3.25 4.25\n",
      /ends after 2 of 3 words[\s\S]*line 3/,
    ],
    [
      "a header that claims petabytes",
      `99999999999 300\n${"a 1\n".repeat(9)}`,
      /at least \d+ bytes, but there are/,
    ],
    [
      "a header that claims fewer words",
      "1 2\na 1 2\nb 3 4\n",
      /goes on after the last of 1 words[\s\S]*line 3/,
    ],
    [
      "a header that claims fewer numbers",
      "2 2\na 1 2 3\nb 1 2 3\n",
      /3 numbers follow the word, wanted 2[\s\S]*line 2/,
    ],
    ["a line cut short", "a 1 2\nb 3\n", /1 numbers follow the word, wanted 2[\s\S]*line 2/],
    ["a word with a space", "a 1 2\nnew york 3 4\n", /"york" is not a finite number[\s\S]*line 2/],
    [
      "a word with a space before a number",
      "a 1 2\nsection 8 3 4\n",
      /3 numbers follow[\s\S]*line 2[\s\S]*a space/,
    ],
    ["an empty word", "1 2\n 1 2\n", /is empty|2 numbers|none of the forms|1 numbers/],
    ["a blank line", "2 1\na 1\n\nb 2\n", /0 numbers follow[\s\S]*line 3/],
    ["a word twice", "3 2\na 1 2\nb 1 2\na 3 4\n", /"a" comes again; it is word 1[\s\S]*line 4/],
    ["a number that is none", "2 2\na 1 2\nb nan 4\n", /"nan" is not a finite number[\s\S]*line 3/],
    ["a number beyond float32", "a 1 1e39\n", /"1e39" is not a finite/],
    [
      "NaN in binary",
      form("2 2\n", row("a", 1, 2), row("bc", 1, Number.NaN)),
      /number 2 of the word "bc" is NaN[\s\S]*byte 14/,
    ],
    ["a word twice in binary", form("2 2\n", row("a", 1, 2), row("a", 1, 3)), /comes again[\s\S]*byte 14/],
    ["a word with a space in binary", form("2 2\n", row("c", 1, 3), row("a b", 1.3, 2.7)), /E_FORMAT/],
    [
      "more than the header says in binary",
      form("1 2\n", row("a", 1, 2), row("b", 1, 3)),
      /goes on after the last of 1 words[\s\S]*byte 14/,
    ],
    [
      "a word that never ends",
      form("1 2\n", Buffer.alloc(70_000, "x")),
      /longer than 65536 bytes[\s\S]*byte 4/,
    ],
  ])("%s: a clear error with its place", async (_, content, message) => {
    const format = Buffer.isBuffer(content) && content[1] === 0x20 ? "word2vec-binary" : undefined;
    await expect(load(content, { format })).rejects.toThrow(expect.objectContaining({ code: "E_FORMAT" }));
    await expect(load(content, { format })).rejects.toThrow(message);
  });

  test("bytes that are not UTF-8: refused with their line, or mended", async () => {
    const file = form("a 1 2\nb", Buffer.of(0xe9), "c 3 4\n");
    await expect(load(file)).rejects.toThrow(
      /"b\ufffdc" is not UTF-8[\s\S]*line 2[\s\S]*--unicode-errors replace/,
    );
    expect((await load(file, { unicodeErrors: "replace" })).words).toEqual(["a", "b\ufffdc"]);
  });

  test("the first of repeated words is kept on demand", async () => {
    const vectors = await load("3 1\na 1\na 2\nb 3\n", { duplicates: "first" });
    expect([vectors.words, [...vectors.values]]).toEqual([
      ["a", "b"],
      [1, 3],
    ]);
  });

  test("spaces at a line's end, tabs and Windows line ends are no harm", async () => {
    expect(contents(await load("2 2\r\na 1\t2 \r\nb  3 4\r\n\r\n"))).toEqual(
      contents(await load("a 1 2\nb 3 4")),
    );
  });

  test("the words of another table are not taken for this one's", async () => {
    const home = mkdtempSync(join(folder, "mixed-"));
    const file = join(home, "model.safetensors");
    const two = (words: string[]) => new WordVectors({ words, dimension: 1, values: Float32Array.of(1, 2) });
    await saveWordVectors(two(["a", "b"]), file);
    await expect(saveWordVectors(two(["c", "d"]), join(home, "other.safetensors"))).rejects.toThrow(
      /E_FILE .*vocab\.txt holds the words of another table/,
    );
    writeFileSync(join(home, "vocab.txt"), "a\nc\n");
    await expect(loadWordVectors(file)).rejects.toThrow(/not those that .* was written with/);
    writeFileSync(join(home, "vocab.txt"), "a\n");
    await expect(loadWordVectors(file)).rejects.toThrow(/has 1 words, the table has 2/);
    const metadata = write("metadata.tsv", "word\tcount\na\t1\nb\t2\n");
    const vectors = write("vectors.tsv", "1\t2\n3\t4\n");
    expect((await loadWordVectors(vectors)).words).toEqual(["a", "b"]);
    writeFileSync(metadata, "a\n");
    await expect(loadWordVectors(vectors)).rejects.toThrow(/there are 1 words, but more vectors/);
    writeFileSync(metadata, "a\nb\nc\n");
    await expect(loadWordVectors(vectors)).rejects.toThrow(/there are 3 words, but 2 vectors/);
  });

  test("what could not be read back is not written, and no file appears", async () => {
    const home = mkdtempSync(join(folder, "refused-"));
    const one = (word: string, value: number) =>
      new WordVectors({ words: [word], dimension: 1, values: Float32Array.of(value) });
    for (const format of wordVectorsFormats) {
      const file = join(home, nameOf(format));
      await expect(saveWordVectors(one("new york", 1), file, { format })).rejects.toThrow(
        /"new york" holds white space/,
      );
      await expect(saveWordVectors(one("a", Number.NaN), file, { format })).rejects.toThrow(
        /word "a" is NaN/,
      );
    }
    await expect(saveWordVectors(one("a", 1), join(home, "x.doc"))).rejects.toThrow(/E_NAME .*does not tell/);
    await expect(saveWordVectors(one("a", 1), join(home, "no", "x.bin"))).rejects.toThrow(/E_FILE/);
    await expect(saveWordVectors(one("a", 1), join(home, "no", "vectors.tsv"))).rejects.toThrow(/E_FILE/);
    expect(readdirSync(home)).toEqual([]);
  });

  test("missing files, folders and wrong options", async () => {
    await expect(loadWordVectors(join(folder, "none"))).rejects.toThrow(/E_FILE .*no such file/);
    await expect(loadWordVectors(folder)).rejects.toThrow(/E_FILE .*it is a folder/);
    await expect(load("a 1\n", { limit: 0 })).rejects.toThrow(/E_RANGE limit is 0/);
    await expect(load("a 1\n", { format: "csv" as never })).rejects.toThrow(
      /E_NAME .*"csv"[\s\S]*word2vec-text/,
    );
  });
});
