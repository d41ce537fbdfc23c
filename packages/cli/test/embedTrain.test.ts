import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shell, symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const text = path("text");
const groups = ["red green blue", "one two three"].map((group) => group.split(" "));
writeFileSync(
  text,
  Array.from({ length: 5000 }, (_, i) => {
    const group = groups[i % 2]!;
    return Array.from({ length: 10 }, (_, j) => group[(i + j * j) % 3]).join(" ");
  })
    .join("\n")
    .concat("\n"),
);

writeFileSync(path("other-words"), "zebra 30\nlion 20\n");

test("embed train takes word2vec.c's command line and writes its file", async () => {
  const flags = "-size 20 -window 3 -sample 0 -negative 4 -threads 1 -iter 2 -min-count 0 -cbow 0 -binary 1";
  const vocabulary = path("vocabulary");
  const { status, stdout } = await symgrad(
    [
      "embed",
      "train",
      "-train",
      text,
      "-output",
      path("v.bin"),
      "-save-vocab",
      vocabulary,
      "-debug",
      "0",
      "--json",
    ].concat(flags.split(" ")),
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    words: 7,
    dimension: 20,
    complete: true,
    wordsRead: 2 * 55_000,
  });
  const file = readFileSync(path("v.bin"));
  expect(file.subarray(0, 10).toString("latin1")).toBe("7 20\n</s> ");
  expect(file.length).toBe(5 + 7 * (20 * 4 + 2) + "</s>redgreenblueonetwothree".length);
  expect(readFileSync(vocabulary, "utf8")).toMatch(/^<\/s> 5000\n\w+ \d+\n/);
});

test("--preset gensim has no </s>; stdin is read; the same seed gives the same file", async () => {
  const train = `symgrad embed train --train - --preset gensim --threads 1 --size 5 --iter 1`;
  const { status, stderr } = await shell(
    `gzip -c ${text} | ${train} --output ${path("a.txt")} && cat ${text} | ${train} --output ${path("b.txt")}`,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(path("a.txt"), "utf8")).toMatch(/^6 5\n/);
  expect(readFileSync(path("a.txt"))).toEqual(readFileSync(path("b.txt")));
});

test("Ctrl-C leaves vectors, and a model from which training goes on", async () => {
  writeFileSync(path("long"), readFileSync(text, "utf8").repeat(40));
  const flags = [
    "-train",
    path("long"),
    "-cbow",
    "0",
    "-threads",
    "1",
    "-size",
    "200",
    "-output",
    path("cut.txt"),
  ];
  const cut = await symgrad(["embed", "train", ...flags, "-iter", "1000"], {
    whileRunning: async (child) => {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      child.kill("SIGINT");
    },
  });
  expect(cut.status).toBe(130);
  expect(cut.stderr).toMatch(/go on with: .*--resume/);
  expect(readFileSync(path("cut.txt"), "utf8")).toMatch(/^7 200\n/);
  expect(existsSync(path("cut.txt.model"))).toBe(true);
});

test("-classes writes a class for each word, as word2vec.c does", async () => {
  const flags = "-size 10 -sample 0 -cbow 0 -threads 1 -iter 3 -classes 2 -debug 0".split(" ");
  const { status } = await symgrad(["embed", "train", "-train", text, "-output", path("c.txt"), ...flags]);
  expect(status).toBe(0);
  const classOf = new Map(
    readFileSync(path("c.txt"), "utf8")
      .split("\n")
      .map((line) => line.split(" ") as never),
  );
  expect(classOf.size).toBe(8); // </s>, six words, and what follows the last line
  for (const [first, ...others] of groups) {
    expect(classOf.get(first!)).toMatch(/^[01]$/);
    for (const other of others) expect(classOf.get(other)).toBe(classOf.get(first!));
  }
  expect(classOf.get("red")).not.toBe(classOf.get("one"));
});

test("embed phrases takes word2phrase's command line", async () => {
  writeFileSync(path("trees"), "the new york times new york\nat new york\n".repeat(20));
  const command = ["embed", "phrases", "-train", path("trees"), "-output", path("phrases")];
  const { status, stdout } = await symgrad([
    ...command,
    "-threshold",
    "2.7",
    "-min-count",
    "3",
    "-debug",
    "2",
  ]);
  expect({ status, stdout }).toEqual({ status: 0, stdout: `1 phrases joined in ${path("phrases")}\n` });
  expect(readFileSync(path("phrases"), "utf8")).toMatch(/^the new_york times new_york\nat new_york\nthe /);
  const none = await symgrad(["embed", "phrases", "-train", "missing", "-output", path("no-phrases")]);
  expect(none.status).toBe(2);
  expect(none.stderr).toMatch(/E_FILE missing cannot be read/);
  expect(existsSync(path("no-phrases"))).toBe(false);
});

test("embed vocab is vocab_count, from stdin to stdout", async () => {
  const { status, stdout } = await shell(
    `symgrad embed vocab -min-count 5 -max-vocab 2 -verbose 2 < ${text}`,
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\w+ \d+\n\w+ \d+\n$/);
});

test("embed vocab counts words", async () => {
  const { stdout } = await symgrad([
    "embed",
    "vocab",
    "-train",
    text,
    "-output",
    path("w"),
    "-max-vocab",
    "2",
    "--json",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ words: 2 });
});

test.each([
  [["-train", "missing"], /E_FILE missing cannot be read/],
  [["-train", text, "-size", "0"], /E_USAGE .*--size.*from 1 to 16384/],
  [["-train", text, "-threads", "1000"], /E_USAGE .*--threads.*from 1 to 256/],
  [["-train", text, "-negative", "0"], /E_RANGE negativeSamples is 0/],
  [["-train", text, "-classes", "x"], /E_USAGE .*--classes/],
  [["-train", text, "-classes", "9", "-threads", "1", "-iter", "1"], /E_RANGE classes is 9.*from 1 to 7/],
  [
    ["-train", text, "-read-vocab", path("other-words")],
    /E_VOCABULARY .*holds none of the vocabulary's 2 words/,
  ],
  [["-train", "/dev/null"], /E_VOCABULARY .*holds 0 words/],
])("%j is refused, and no file appears", async (args, sentence) => {
  const { status, stderr } = await symgrad(["embed", "train", ...args, "-output", path("none")]);
  expect(status).toBe(2);
  expect(stderr).toMatch(sentence);
  expect(existsSync(path("none"))).toBe(false);
});
