import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFolder } from "./makeFolder";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "symgrad-folder-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("makes the folders above, too, and leaves one that is there; a file in the way is told", async () => {
  await makeFolder(join(folder, "a", "b"));
  await makeFolder(join(folder, "a", "b"));
  expect(existsSync(join(folder, "a", "b"))).toBe(true);
  await writeFile(join(folder, "file"), "x");
  for (const path of [join(folder, "file"), join(folder, "file", "under")]) {
    await expect(makeFolder(path)).rejects.toMatchObject({
      code: "E_FILE",
      message: expect.stringContaining(path),
    });
  }
});
