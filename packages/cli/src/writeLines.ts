import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";

const pieceLength = 1 << 16;

export interface WriteLinesOptions {
  /** Called now and then with the number of lines written so far. */
  onProgress?: (lines: number) => void;
  signal?: AbortSignal;
}

/**
 * Writes any number of lines in constant memory; folders on the way are made. The file appears whole or not at
 * all. `-` is stdout.
 *
 * @throws SymgradError `E_DISK` when the disk is full, `E_FILE` when the place cannot be written, `E_ABORT` when
 *   `signal` aborts.
 */
export async function writeLines(
  path: string,
  lines: Iterable<string>,
  options: WriteLinesOptions = {},
): Promise<void> {
  if (path === "-") {
    for await (const piece of piecesOf(lines, options)) {
      if (!process.stdout.write(piece)) await once(process.stdout, "drain");
    }
    return;
  }
  // Where this fails, the write below fails too, and says why.
  await mkdir(dirname(path), { recursive: true }).catch(() => {});
  await writeFileAtomic(path, piecesOf(lines, options));
}

async function* piecesOf(
  lines: Iterable<string>,
  { onProgress, signal }: WriteLinesOptions,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let piece = "";
  let count = 0;
  for (const line of lines) {
    piece += `${line}\n`;
    count += 1;
    if (piece.length < pieceLength) continue;
    yield encoder.encode(piece);
    piece = "";
    onProgress?.(count);
    if (signal?.aborted) throw new SymgradError("E_ABORT", `stopped after ${count} lines; nothing was kept.`);
  }
  yield encoder.encode(piece);
}
