import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shell, symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const small = ["data", "synthetic", "--type", "mix", "--people", "4", "--digits", "3", "--seed", "5"];

test("line i depends on the seed, the setting and i, not on the count", async () => {
  for (const count of [3, 20]) {
    const out = join(folder, `${count}.jsonl`);
    const { status, stdout } = await symgrad([...small, "--count", String(count), "--out", out]);
    expect(status).toBe(0);
    expect(stdout).toContain(`${count} examples`);
  }
  const [three, twenty] = [3, 20].map((count) => readFileSync(join(folder, `${count}.jsonl`), "utf8"));
  expect(twenty!.trimEnd().split("\n")).toHaveLength(20);
  expect(twenty!.startsWith(three!)).toBe(true);
});

test("--json says what was written; --out - writes the same lines to stdout", async () => {
  const out = join(folder, "new", "folder", "a.jsonl");
  const told = await symgrad([...small, "--no-transfer", "--count", "2", "--out", out, "--json"]);
  expect(JSON.parse(told.stdout)).toEqual({
    file: out,
    count: 2,
    setting: "mix-no",
    type: "mix",
    transfer: false,
    people: 4,
    digits: 3,
    seed: 5,
  });
  const piped = await symgrad([...small, "--no-transfer", "--count", "2", "--out", "-"]);
  expect(piped.stdout).toBe(readFileSync(out, "utf8"));
  const both = await symgrad([...small, "--count", "2", "--out", "-", "--json"]);
  expect(both.status).toBe(2);
  expect(both.stderr).toContain("E_USAGE");
});

test.each([
  ["one person", ["--people", "1"]],
  ["two people and a transfer", ["--people", "2"]],
  ["more people than names", ["--people", "1000"]],
  ["zero digits", ["--digits", "0"]],
  ["zero digits at most", ["--max-digits", "0"]],
  ["more digits than a number holds", ["--digits", "40"]],
])("%s: refused with a code, and no file", async (_, setting) => {
  const out = join(folder, "never.jsonl");
  const args = ["data", "synthetic", "--type", "max", "--count", "5", "--out", out, ...setting];
  const { status, stdout, stderr } = await symgrad(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^symgrad: E_RANGE /);
  expect(readdirSync(folder).filter((name) => name.includes("never"))).toEqual([]);
});

test("--digits and --max-digits together are a mistake", async () => {
  const { status, stderr } = await symgrad([...small, "--max-digits", "2", "--count", "1", "--out", "x"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_USAGE .*--max-digits/);
});

test("a place that cannot be written is told, and what stood there remains", async () => {
  const blocked = join(folder, "blocked");
  mkdirSync(blocked);
  const { status, stderr } = await symgrad([...small, "--count", "1", "--out", blocked]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_FILE .*blocked/);
  expect(readdirSync(blocked)).toEqual([]);
});

// A limit on the size of files stands in for a full disk: the system refuses the write in the same way.
test("a full disk: E_DISK, the older file unharmed, nothing half-written", async () => {
  const place = join(folder, "disk");
  mkdirSync(place);
  const out = join(place, "data.jsonl");
  writeFileSync(out, "older\n");
  const line = `ulimit -f 64; symgrad ${small.join(" ")} --count 20000 --out ${out}`;
  const { status, stderr } = await shell(line);
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_DISK/);
  expect(readdirSync(place)).toEqual(["data.jsonl"]);
  expect(readFileSync(out, "utf8")).toBe("older\n");
});

test("a pipe is written straight through, and stays a pipe", async () => {
  const pipe = join(folder, "pipe");
  const line = `mkfifo ${pipe}; cat ${pipe} & symgrad ${small.join(" ")} --count 3 --out ${pipe} >&2; wait`;
  const { status, stdout } = await shell(line);
  expect(status).toBe(0);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((text) => JSON.parse(text).id),
  ).toEqual([0, 1, 2]);
  expect(statSync(pipe).isFIFO()).toBe(true);
});

test("Ctrl-C: status 130 and no file", async () => {
  const place = join(folder, "interrupted");
  mkdirSync(place);
  const out = join(place, "data.jsonl");
  const { status, stderr } = await symgrad(
    ["data", "synthetic", "--type", "max", "--count", "100000000", "--out", out],
    { interruptAt: /writing: / },
  );
  expect(status).toBe(130);
  expect(stderr).toMatch(/E_ABORT/);
  expect(readdirSync(place)).toEqual([]);
});
