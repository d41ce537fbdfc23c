import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const folder = temporaryFolder();
const names = [
  "exact",
  "straight-through",
  "gumbel-softmax",
  "straight-through-gumbel",
  "gumbel-rao",
  "gapped-straight-through",
  "reinmax",
  "zgr",
  "darn",
  "reinforce",
  "reinforce-moving-average",
  "reinforce-self-critic",
  "rloo",
  "vargrad",
  "rebar",
  "relax",
  "imle",
  "perturbed",
  "sparsemax",
  "entmax15",
  "top-k-tail",
  "indecater",
  "exact-marginal",
];

test("--json prints one row per estimator, --plot draws them all; the same seed, the same figures", async () => {
  const plot = join(folder, "plot.svg");
  const args = ["estimators", "--problem", "quadratic", "--samples", "500", "--seed", "3", "--json"];
  const { status, stdout, stderr } = await symgrad([...args, "--plot", plot]);
  expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  const report: { rows: Record<string, number | string>[] } = JSON.parse(stdout);
  expect(Object.keys(report)).toEqual(["rows"]);
  expect(report.rows.map(({ estimator }) => estimator)).toEqual(names);
  for (const { estimator, ...numbers } of report.rows) {
    expect(Object.keys(numbers)).toEqual([
      "bias",
      "standardError",
      "standardDeviation",
      "cosine",
      "evaluations",
      "ms",
    ]);
    for (const value of Object.values(numbers)) expect(Number.isFinite(value), String(estimator)).toBe(true);
    expect(numbers.standardError).toBeCloseTo((numbers.standardDeviation as number) / Math.sqrt(500), 10);
  }
  const svg = readFileSync(plot, "utf8");
  for (const name of names) expect(svg).toContain(`>${name}</text>`);

  const again = JSON.parse((await symgrad(args)).stdout);
  const withoutTime = (rows: Record<string, unknown>[]) => rows.map(({ ms, ...rest }) => rest);
  expect(withoutTime(again.rows)).toEqual(withoutTime(report.rows));
});

test("a table for people", async () => {
  const { status, stdout } = await symgrad(["estimators", "--problem", "linear", "--samples", "50"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^estimator +bias/);
  expect(stdout).toMatch(/^straight-through +0\.0000 +0\.0000 +0\.000 +1\.000 +1 /m);
});
