import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { textFiles } from "./textFiles";

const folder = mkdtempSync(join(tmpdir(), "symgrad-corpus-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

async function read(...paths: string[]): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of textFiles(...paths).open()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("textFiles", () => {
  it("joins files, and ends a line where a file ends", async () => {
    const [a, b, empty] = [file("a", "one\ntwo"), file("b", "three\n"), file("empty", "")];
    expect(await read(a, empty, b, a)).toBe("one\ntwo\nthree\none\ntwo");
  });

  it("unpacks gzip by its first bytes, whatever the name", async () => {
    const text = "many words\n".repeat(300_000);
    expect(await read(file("packed", gzipSync(text)))).toBe(text);
    expect(await read(file("two", Buffer.concat([gzipSync("a\n"), gzipSync("b\n")])))).toBe("a\nb\n");
  });

  it("says what is wrong with a file, and what to do", async () => {
    await expect(read(join(folder, "missing"))).rejects.toThrow(
      /missing cannot be read[\s\S]*check the path/,
    );
    await expect(read(folder)).rejects.toThrow(/cannot be read: EISDIR/);
    const cut = gzipSync("many words\n".repeat(1000)).subarray(0, 40);
    await expect(read(file("cut.gz", cut))).rejects.toThrow(
      /cut.gz cannot be unpacked[\s\S]*cut off or damaged/,
    );
    const xz = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2);
    await expect(read(file("a.xz", xz))).rejects.toThrow(/packed with xz[\s\S]*xz -dc .*a\.xz/);
    expect(() => textFiles()).toThrow(/no files/);
  });
});
