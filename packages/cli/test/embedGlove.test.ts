import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shell, symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
writeFileSync(
  path("text"),
  Array.from({ length: 2000 }, (_, i) =>
    Array.from({ length: 20 }, (_, j) => `w${(i * 3 + j * j) % 41}`).join(" "),
  ).join("\n"),
);

test("GloVe's pipeline, program by program, with its command lines", async () => {
  const { status, stderr } = await shell(
    `cd ${folder} && symgrad embed vocab -train text -output vocab.txt &&
     symgrad embed cooccur -memory 1.0 -vocab-file vocab.txt -verbose 0 -window-size 5 < text > cooccurrence.bin &&
     symgrad embed glove -save-file vectors -threads 1 -input-file cooccurrence.bin -x-max 10 -iter 3 -vector-size 8 -binary 0 -vocab-file vocab.txt -verbose 0`,
  );
  expect({ status, stderr: stderr.replace(/\d+ records of 41 words in stdout\n/, "") }).toEqual({
    status: 0,
    stderr: "",
  });
  const lines = readFileSync(path("vectors.txt"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(42);
  expect(lines[0]!.split(" ")).toHaveLength(9);
  expect(lines.at(-1)).toMatch(/^<unk> /);
});

test("Ctrl-C leaves vectors, and a model from which training goes on", async () => {
  const args = ["embed", "glove", "--train", path("text"), "--output", path("cut.txt"), "--threads", "1"];
  const cut = await symgrad([...args, "--iter", "1000000"], {
    whileRunning: async (child) => {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      child.kill("SIGINT");
    },
  });
  expect(cut.status).toBe(130);
  expect(cut.stderr).toMatch(/go on with: .*--iter 1000000 --resume \S+cut\.txt\.model/);
  expect(readFileSync(path("cut.txt"), "utf8")).toMatch(/^w\d+ -?\d/);
  expect(statSync(path("cut.txt.model")).size).toBeGreaterThan(41 * 50 * 4 * 5);
});

test("in one go, with --json", async () => {
  const args = [
    "embed",
    "glove",
    "--train",
    path("text"),
    "--output",
    path("v.bin"),
    "--iter",
    "2",
    "--no-unk",
    "--json",
  ];
  const { status, stdout } = await symgrad(args);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ words: 41, dimension: 50, complete: true });
  expect(readFileSync(path("v.bin")).subarray(0, 6).toString()).toBe("41 50\n");
});

test("two shards, added up, are one run", async () => {
  const count = `symgrad embed cooccur --train text --vocab-file vocab.txt`;
  const { status, stderr } = await shell(
    `cd ${folder} && symgrad embed vocab -train text -output vocab.txt && ${count} --output whole.bin &&
     ${count} --shard 1/2 --output 1.parquet && ${count} --shard 2/2 --output 2.parquet &&
     symgrad embed merge 1.parquet 2.parquet --output merged.bin --json`,
  );
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(statSync(path("merged.bin")).size).toBe(statSync(path("whole.bin")).size);
});

test.each([
  [["glove"], /E_USAGE nothing to learn from[\s\S]*--train corpus.txt/],
  [["glove", "-train", "missing"], /E_FILE missing cannot be read/],
  [["cooccur", "-vocab-file", "missing"], /E_FILE missing/],
  [["cooccur", "--shard", "3/2"], /E_USAGE .*--shard.*such as 1\/4/],
  [["glove", "-train", "x", "-model", "3"], /E_USAGE .*--model.*from 1 to 2/],
])("%j is refused, and no file appears", async (args, sentence) => {
  const { status, stderr } = await symgrad(["embed", ...args], { cwd: folder });
  expect(status).toBe(2);
  expect(stderr).toMatch(sentence);
  expect(existsSync(path("none"))).toBe(false);
});
