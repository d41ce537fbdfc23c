import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findViolations } from "./check-arrows.mjs";

/** A repository of two packages, `core` and `gumbel`, with `files` put on top. */
function violationsOf(files) {
  const root = mkdtempSync(join(tmpdir(), "arrows-"));
  const all = {
    "packages/core/package.json": '{ "dependencies": { "@symgrad/tfjs-backend-onnxruntime": "*" } }',
    "packages/core/src/index.ts": 'export { jit } from "@symgrad/tfjs-backend-onnxruntime";',
    "packages/gumbel/package.json": '{ "dependencies": { "@symgrad/core": "*" } }',
    "packages/gumbel/src/index.ts": 'import { key } from "@symgrad/core"; import "node:fs"; export { key };',
    "packages/gumbel/src/a.test.ts": 'import { close } from "@symgrad/testing"; import "vitest"; close();',
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  try {
    return findViolations(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("a tree that follows the arrows has no violations", () => {
  assert.deepEqual(violationsOf({}), []);
});

const planted = [
  [
    "an arrow turned round",
    { "packages/core/src/x.ts": 'import { gumbelNoise } from "@symgrad/gumbel";' },
    /core.src.x\.ts.*against the arrows/,
  ],
  [
    "a dynamic import against the arrows",
    { "packages/core/src/x.ts": 'await import("@symgrad/gumbel");' },
    /against the arrows/,
  ],
  [
    "a re-export against the arrows",
    { "packages/core/src/x.ts": 'export { a } from "@symgrad/gumbel";' },
    /against the arrows/,
  ],
  [
    "a dependency against the arrows",
    {
      "packages/core/package.json":
        '{ "dependencies": { "@symgrad/tfjs-backend-onnxruntime": "*", "@symgrad/qa-model": "*" } }',
    },
    /package\.json.*qa-model/,
  ],
  [
    "a file inside a sibling",
    { "packages/gumbel/src/x.ts": 'import "@symgrad/core/src/random/key";' },
    /index only/,
  ],
  [
    "a path into a sibling",
    { "packages/gumbel/src/x.ts": 'import "../../core/src/errors";' },
    /outside its package/,
  ],
  [
    "test helpers in shipped code",
    { "packages/gumbel/src/x.ts": 'import "@symgrad/testing";' },
    /outside a test/,
  ],
  ["a sibling that is not declared", { "packages/gumbel/package.json": "{}" }, /does not declare/],
  [
    "a package that is not declared",
    { "packages/gumbel/src/x.ts": 'import "decimal.js";' },
    /decimal\.js.*does not declare/,
  ],
  ["a package without arrows", { "packages/novel/package.json": "{}" }, /novel.*not in the table/],
];
for (const [name, files, expected] of planted) {
  test(`found: ${name}`, () => {
    const violations = violationsOf(files);
    assert.equal(violations.length, 1, violations.join("\n"));
    assert.match(violations[0], expected);
  });
}
