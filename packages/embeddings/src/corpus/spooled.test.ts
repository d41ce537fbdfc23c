import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it, vi } from "vitest";
import { spooled } from "./spooled";

const folder = mkdtempSync(join(tmpdir(), "symgrad-spool-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function* pieces(...parts: Uint8Array[]) {
  yield* parts;
}

it("a stream can be read twice, compressed or not, and leaves nothing behind", async () => {
  const packed = gzipSync("some text\n");
  const corpus = await spooled(pieces(packed.subarray(0, 9), packed.subarray(9)), { folder });
  for (let pass = 0; pass < 2; pass++) {
    let text = "";
    for await (const piece of corpus.open()) text += new TextDecoder().decode(piece);
    expect(text).toBe("some text\n");
  }
  expect(corpus.name).toBe("stdin");
  await corpus.dispose();
  expect(readdirSync(folder)).toEqual([]);
});

it("a full disk is said, and nothing stays behind", async () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  const open = vi.spyOn(fs, "open").mockResolvedValue({
    writeFile: () => Promise.reject(full),
    close: () => Promise.resolve(),
  } as unknown as fs.FileHandle);
  await expect(spooled(pieces(Uint8Array.of(1)), { folder })).rejects.toThrow(
    /E_DISK.*no space left[\s\S]*TMPDIR/,
  );
  open.mockRestore();
  expect(readdirSync(folder)).toEqual([]);
});
