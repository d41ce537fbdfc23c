import { join } from "node:path";
import { expect, test } from "vitest";
import { symgrad } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const out = join(temporaryFolder(), "tables");
const tiny = [
  "--seeds",
  "1",
  "--steps",
  "2",
  "--batch-size",
  "4",
  "--examples",
  "16",
  "--evaluation-examples",
  "8",
];

test("one cell is trained and printed beside the paper's; the others were not run", async () => {
  const run = ["reproduce", "table3", "--cells", "max-transfer", "--out", out, ...tiny];
  const trained = await symgrad([...run, "--json"]);
  expect(trained.stderr).not.toMatch(/E_/);
  expect(trained.status).toBe(0);
  const { cells } = JSON.parse(trained.stdout);
  expect(cells[0]).toMatchObject({ cell: "max-transfer", paper: { f1: 99, termAccuracy: 100 } });
  expect(cells[0].trainings[0]).toMatchObject({
    seed: 0,
    f1: cells[0].f1,
    config: { steps: 2, scale: "small" },
    hardware: { threads: expect.any(Number) },
    seconds: expect.any(Number),
  });
  expect(cells[1]).toMatchObject({ cell: "mix-transfer-shared", f1: null, trainings: [] });

  const shown = await symgrad(["reproduce", "table3", "--show", "--out", out, ...tiny]);
  expect(shown.stdout).toMatch(/max-transfer +99\.0 \/ 100\.0 +[\d.]+ \/ [\d.]+ +1 seed/);
  expect(shown.stdout).toMatch(/without learning: ignoring the transfer [\d.]+/);
  expect(shown.stdout).toMatch(/argmax-transfer +92\.2 \/ 2\.3 +not run/);
});

test("an unknown cell and a missing encoder are the user's mistakes", async () => {
  const unknown = await symgrad(["reproduce", "table3", "--cells", "maximum", "--out", out]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(/E_NAME[\s\S]*its cells: max-transfer/);
  const bare = await symgrad(["reproduce", "table4", "--scale", "paper", "--out", out]);
  expect(bare.status).toBe(2);
  expect(bare.stderr).toMatch(/pretrained encoder/);
});

test("table 1 shows both biases, and what DROP's cells need", async () => {
  const run = ["reproduce", "table1", "--cells", "swap-baseline", "--out", out, ...tiny];
  const trained = await symgrad(run);
  expect(trained.stderr).not.toMatch(/E_/);
  expect(trained.stdout).toMatch(/swap-baseline +- +[\d.]+ \/ - +swapped [\d.]+ \/ -/);
  expect(trained.stdout).toMatch(/drop-baseline +79\.4 \/ 20\.2 +not run/);
  const needy = await symgrad(["reproduce", "table1", "--cells", "drop", "--out", out]);
  expect(needy.status).toBe(2);
  expect(needy.stderr).toMatch(/E_USAGE[\s\S]*--data FILE and --encoder DIR/);
});
