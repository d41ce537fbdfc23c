import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { estimatorEntries, freshDocument, unpadded } from "./estimators-table.mjs";

test("every estimator's file has a docstring with formula, source and a note on bias and variance", () => {
  const folder = new URL("../packages/gumbel/src/estimators/", import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const entries = new Map(estimatorEntries().map((entry) => [entry.name, entry]));
  for (const file of files) {
    const entry = entries.get(file.replace(/\.ts$/, ""));
    assert.ok(entry?.Forward && entry.Backward && entry["Bias and variance"], file);
    assert.ok(entry.source || entry.name === "exact", `${file}: no @see`);
  }
});

test("the table in docs/estimators.md is that of the docstrings", () => {
  const text = readFileSync(new URL("../docs/estimators.md", import.meta.url), "utf8");
  assert.equal(unpadded(freshDocument(text)), unpadded(text), "run node scripts/estimators-table.mjs");
});
