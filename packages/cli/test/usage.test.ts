import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { shell, symgrad } from "./symgrad";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

test("--version is the package's", async () => {
  expect(await symgrad(["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
});

test("help lists every command, on stdout, with status 0", async () => {
  const { status, stdout } = await symgrad(["--help"]);
  expect(status).toBe(0);
  for (const name of ["demo", "doctor", "data", "train", "eval", "predict", "plugin", "estimators"])
    expect(stdout).toContain(`  ${name} `);
});

test.each([[["train", "qa", "--help"]], [["help", "train"]], [["data", "synthetic", "-h"]]])(
  "%j is help",
  async (args) => {
    const { status, stdout, stderr } = await symgrad(args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^Usage: symgrad/);
  },
);

test("the entry loads commander and nothing else, so that help comes at once", async () => {
  const importsOf = (file: string): string[] => {
    const text = readFileSync(join(dist, file), "utf8");
    const imported = [...text.matchAll(/^(?:import|\} from)\b.*?["']([^"']+)["'];$/gm)].map(
      ([, from]) => from!,
    );
    return imported.flatMap((from) => (from.startsWith("./") ? importsOf(basename(from)) : [from]));
  };
  const packages = new Set(importsOf("cli.js").filter((from) => !isBuiltin(from)));
  expect([...packages]).toEqual(["commander"]);
});

test("help costs less than 100 ms more than Node itself", async () => {
  const extra: number[] = [];
  for (let run = 0; run < 5; run++) {
    const began = performance.now();
    execFileSync(process.execPath, ["-e", "0"]);
    const bare = performance.now();
    execFileSync(process.execPath, [join(dist, "cli.js"), "--help"]);
    extra.push(performance.now() - bare - (bare - began));
  }
  expect(Math.min(...extra)).toBeLessThan(100);
});

test.each([
  [["trian"], /E_USAGE unknown command 'trian'[\s\S]*train/],
  [["train"], /Usage: symgrad train/],
  [[], /Usage: symgrad/],
  [["train", "qa"], /E_USAGE required option '--data <file>'[\s\S]*symgrad train qa --help/],
  [["train", "qa", "--data", "x", "--out", "y", "--threads", "0"], /E_USAGE .*--threads.*'0'.*from 1 to/],
  [
    ["train", "qa", "--data", "x", "--out", "y", "--arg-loss", "mse"],
    /E_USAGE .*'mse'.*mml, bce, hardEM, topkMML, none/,
  ],
  [["data", "synthetic", "--type", "sum", "--count", "1", "--out", "x"], /E_USAGE .*'sum'.*argmax, max, mix/],
  [["data", "synthetic", "--type", "max", "--count", "1.5", "--out", "x"], /E_USAGE .*'1\.5'.*whole number/],
  [["estimators", "--problem", "cubic"], /E_USAGE .*'cubic'.*linear, quadratic, quartic, calc/],
  [["doctor", "--jsn"], /E_USAGE unknown option '--jsn'[\s\S]*--json/],
  [["doctor", "now"], /E_USAGE too many arguments/],
])("%j is the user's mistake: status 2, said on stderr", async (args, expected) => {
  const { status, stdout, stderr } = await symgrad(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(expected);
});

test("doctor reports the backends, as text and as one JSON document", async () => {
  const text = await symgrad(["doctor"]);
  expect(text.status).toBe(0);
  expect(text.stdout).toMatch(/\* \w+/);
  const { status, stdout } = await symgrad(["doctor", "--json"]);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.node.version).toBe(process.versions.node);
  expect(report.backends.filter((backend: { selected: boolean }) => backend.selected)).toHaveLength(1);
});

test("a backend that does not exist is the user's mistake", async () => {
  const { status, stderr } = await symgrad(["doctor"], { env: { SYMGRAD_BACKEND: "abacus" } });
  expect(status).toBe(2);
  expect(stderr).toMatch(/E_NAME .*abacus/);
});

test("a reader that closes the pipe early gets no complaint", async () => {
  const { status, stderr } = await shell(
    "set -o pipefail; symgrad data synthetic --type max --count 20000 --out - | head -1 >/dev/null",
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});
