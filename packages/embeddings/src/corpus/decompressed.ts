import type { Transform } from "node:stream";
import { SymgradError } from "@symgrad/core";
import { nodeModule } from "../nodeModule";
import { gunzipped } from "./gunzipped";

const GZIP = "gzip";

/** Packed files by their first bytes, and the command that unpacks them to stdout. */
const PACKED = [
  { name: GZIP, magic: [0x1f, 0x8b], unpack: "gzip -dc", create: "createGunzip" },
  { name: "Zstandard", magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: "zstd -dc", create: "createZstdDecompress" },
  { name: "xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], unpack: "xz -dc" },
  { name: "bzip2", magic: [0x42, 0x5a, 0x68], unpack: "bzip2 -dc" },
  { name: "zip", magic: [0x50, 0x4b, 0x03, 0x04], unpack: "unzip -p" },
] as const;

/**
 * Unpacks bytes if their start says that they are packed.
 *
 * @throws SymgradError `E_FORMAT` for a form that this Node does not unpack, and for data cut off or damaged.
 */
export async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  try {
    const start = await pieces.next();
    if (start.done) return;
    const form = PACKED.find(({ magic }) => magic.every((byte, i) => start.value[i] === byte));
    const rest = joined(start.value, pieces);
    yield* form === undefined ? rest : unpacked(rest, form, name);
  } finally {
    await pieces.return?.();
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* unpacked(
  bytes: AsyncIterable<Uint8Array>,
  form: (typeof PACKED)[number],
  name: string,
): AsyncGenerator<Uint8Array> {
  const [zlib, stream] = [nodeModule("node:zlib"), nodeModule("node:stream")];
  if (form.name === GZIP && !zlib) return yield* gunzipped(bytes, name);
  // Zstandard came to zlib with Node 22.15.
  const creators = zlib as unknown as Record<string, (() => Transform) | undefined> | undefined;
  const create = "create" in form ? creators?.[form.create] : undefined;
  if (create === undefined || stream === undefined) {
    throw new SymgradError("E_FORMAT", `${name} is packed with ${form.name}, which is not unpacked here`, {
      hint: `unpack it first: ${form.unpack} ${name} > corpus.txt${form.name === "Zstandard" ? ", or use Node 22.15 or later" : ""}`,
    });
  }
  const { Readable, pipeline } = stream;
  const output = create();
  pipeline(Readable.from(bytes, { objectMode: false }), output, () => {}); // errors come out of `output`
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof SymgradError) throw cause;
    throw new SymgradError("E_FORMAT", `${name} cannot be unpacked: ${(cause as Error).message}`, {
      hint: "the file is cut off or damaged: copy or download it again",
      cause,
    });
  }
}
