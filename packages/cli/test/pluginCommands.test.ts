import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const run = (...args: string[]) => symgrad(["plugin", ...args], { cwd: folder });
const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
};

/** A function with a fault, in a folder of its own. */
const planted = (body: string, change = "") => `
import { defineFunction, fromExample, ok, tokens } from "@symgrad/symbolic-plugins";
export default defineFunction({
  name: "mine.planted.v1",
  args: { a: fromExample("numbers") },
  run({ a }) { ${body} },
  output: tokens(),
  maxLength: 24,
  examples: [{ numbers: [1, 2] }],
  ${change}
});`;

beforeAll(async () => {
  const made = await run("new", "@me/my-larger");
  expect({ status: made.status, stderr: made.stderr }).toEqual({ status: 0, stderr: "" });
});

test("plugin new names the function after scope and package; a folder that is there is left alone", async () => {
  const listed = JSON.parse((await run("list", "--plugin", "./my-larger", "--json")).stdout);
  expect(listed.functions.map(({ name }: { name: string }) => name)).toEqual([
    "symgrad.calculator.v1",
    "symgrad.comparator.v1",
    "symgrad.dateArithmetic.v1",
    "symgrad.count.v1",
    "symgrad.unitConversion.v1",
    "me.myLarger.v1",
  ]);
  const again = await run("new", "my-larger");
  expect([again.status, again.stderr]).toEqual([2, expect.stringMatching(/E_EXISTS my-larger/)]);
  const wrong = await run("new", "My Plugin");
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringMatching(/E_USAGE "My Plugin"/)]);
});

test("plugin test --json reports each test", async () => {
  const { status, stdout } = await symgrad(["plugin", "test", "--json"], { cwd: join(folder, "my-larger") });
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ passed: 19, failed: 0 });
  expect(report.tests).toContainEqual({ name: "what it computes", passed: true });
});

test.each([
  [
    "breaks the contract",
    planted("return ok(String(Math.random()).slice(0, 9));"),
    "",
    /FAIL {2}mine\.planted\.v1: determinism[\s\S]*pure: false/,
  ],
  ["does not parse", "export default {", "", /FAIL {2}the contract/],
  [
    "exports nothing",
    "export const x = 1;",
    "",
    /FAIL {2}the contract[\s\S]*E_PLUGIN[\s\S]*exports no symbolic function/,
  ],
  [
    "was made for another version",
    `${planted('return ok("1");').replace("export default", "const made =")} export default { ...made, contract: 7 };`,
    "",
    /FAIL {2}mine\.planted\.v1: definition[\s\S]*version 1, got 7/,
  ],
  [
    "never ends",
    planted("while (true);"),
    "",
    /FAIL {2}the contract\n.*did not end within 5 s: is there an endless loop/,
  ],
  [
    "fails its own test",
    planted("return ok(a.toFixed());"),
    'import test from "node:test"; test("mine", () => { throw new Error("not so"); });',
    /FAIL {2}mine\n.*not so/,
  ],
  [
    "has a test that cannot start",
    planted("return ok(a.toFixed());"),
    'import "nowhere-to-be-found";',
    /FAIL {2}test\/own\.test\.ts[\s\S]*nowhere-to-be-found/,
  ],
])(
  "plugin test of one that %s: status 1, and what failed",
  async (what, source, own, expected) => {
    const name = what.replace(/\W+/g, "-");
    write(`${name}/src/index.ts`, source);
    if (own !== "") write(`${name}/test/own.test.ts`, own);
    // Only the endless one needs its time to run out; the others may be slow on a busy machine.
    const seconds = what === "never ends" ? "5" : "100";
    const { status, stdout } = await run("test", name, "--timeout", seconds);
    expect(stdout).toMatch(expected);
    expect(stdout).toMatch(/\n\d+ passed, [1-9]\d* failed\n$/);
    expect(status).toBe(1);
  },
  120_000,
);

test("plugin test of what is no plugin", async () => {
  const absent = await run("test", "nowhere");
  expect([absent.status, absent.stderr]).toEqual([2, expect.stringMatching(/E_FILE .*nowhere/)]);
  mkdirSync(join(folder, "empty"));
  const empty = await run("test", "empty");
  expect([empty.status, empty.stderr]).toEqual([
    2,
    expect.stringMatching(/E_PLUGIN .*empty[\s\S]*plugin new/),
  ]);
});

test("--plugin takes a file, a folder, or the name of an installed package; nothing else is loaded", async () => {
  write(
    "node_modules/installed/package.json",
    '{ "name": "installed", "type": "module", "exports": "./main.js" }',
  );
  write("node_modules/installed/main.js", planted('return ok("1");'));
  write("one.ts", planted("const text: string = a.toFixed(); return ok(text);"));
  for (const plugin of ["installed", "./one.ts", "one.ts"]) {
    const { status, stdout, stderr } = await run("list", "--plugin", plugin);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("mine.planted.v1");
  }
  expect((await run("list")).stdout).not.toContain("mine.planted.v1");
  const twice = await run("list", "--plugin", "installed", "--plugin", "one.ts");
  expect([twice.status, twice.stderr]).toEqual([2, expect.stringMatching(/E_DUPLICATE .*mine\.planted\.v1/)]);
  const absent = await run("list", "--plugin", "not-installed");
  expect([absent.status, absent.stderr]).toEqual([
    2,
    expect.stringMatching(/E_PLUGIN .*not-installed[\s\S]*npm install not-installed/),
  ]);
});
