import { SymgradError } from "../errors";
import { repeatedName } from "./repeatedName";
import {
  DTYPE_ORDER,
  DTYPES,
  isKnownDtype,
  type SafetensorsDtype,
  type StoredTensor,
} from "./safetensorsFormat";

/** What a safetensors file holds. */
export interface SafetensorsFile {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

interface Entry {
  name: string;
  dtype: SafetensorsDtype;
  shape: number[];
  begin: number;
  end: number;
}

const LONGEST_HEADER = 100_000_000; // bytes; the reference implementation's limit

/** Bytes that are read from any place. */
export interface SafetensorsSource {
  readonly size: number;
  /** Exactly so many bytes, in memory of their own. */
  read(position: number, length: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/**
 * Reads the bytes of a safetensors file. Nothing in them is trusted: every length and offset is checked before it is
 * used.
 *
 * @param name What the bytes are called in errors.
 * @returns Tensors in the order of the header, each with its own memory, and the header's metadata.
 * @throws SymgradError `E_FORMAT`, saying what is wrong, if they are truncated, the header is not valid, a type is
 *   unknown, a name is repeated, or the tensors do not fill them exactly once.
 */
export async function decodeSafetensors(
  bytes: Uint8Array | SafetensorsSource,
  name: string,
): Promise<SafetensorsFile> {
  const source = bytes instanceof Uint8Array ? inMemory(bytes) : bytes;
  const { entries, metadata, dataStart } = await readHeader(source, name);
  const tensors = new Map<string, StoredTensor>();
  for (const entry of entries) {
    const { dtype, shape, begin, end } = entry;
    const data = await source.read(dataStart + begin, end - begin);
    try {
      tensors.set(entry.name, { dtype, shape, data: DTYPES[dtype].decode(data) });
    } catch (error) {
      if (!(error instanceof SymgradError)) throw error;
      throw broken(name, `in tensor "${entry.name}" (${dtype}) ${error.message.replace(/^E_\w+ /, "")}`);
    }
  }
  return { tensors, metadata };
}

function inMemory(bytes: Uint8Array): SafetensorsSource {
  const read = (position: number, length: number) =>
    Uint8Array.from(bytes.subarray(position, position + length)).buffer;
  return { size: bytes.length, read };
}

async function readHeader(source: SafetensorsSource, path: string) {
  const { size } = source;
  if (size < 8) {
    throw broken(
      path,
      `it is ${size} bytes long, and the length of the header alone takes 8; the file is truncated.`,
    );
  }
  const declared = new DataView(await source.read(0, 8)).getBigUint64(0, true);
  if (declared > BigInt(LONGEST_HEADER)) {
    throw broken(
      path,
      `its header claims ${declared} bytes, more than the format's limit of ${LONGEST_HEADER}.`,
    );
  }
  const length = Number(declared);
  if (8 + length > size) {
    throw broken(
      path,
      `its header claims ${length} bytes, but only ${size - 8} follow; the file is truncated.`,
    );
  }
  const header = parseHeader(await source.read(8, length), path);
  const metadata: [string, string][] = [];
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") {
      for (const [field, text] of Object.entries(isObject(value) ? value : { __metadata__: value })) {
        if (typeof text !== "string") throw broken(path, `its metadata must be strings, "${field}" is not.`);
        metadata.push([field, text]);
      }
    } else entries.push(checkEntry(name, value, path));
  }
  checkLayout(entries, size - 8 - length, path);
  // Unlike assignment, this keeps a field called __proto__.
  return { entries, metadata: Object.fromEntries(metadata), dataStart: 8 + length };
}

function parseHeader(bytes: ArrayBuffer, path: string): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw broken(path, "its header is not JSON.", cause);
  }
  if (!isObject(header) || !text.startsWith("{")) throw broken(path, "its header is not a JSON object.");
  const repeated = repeatedName(text);
  if (repeated !== undefined) throw broken(path, `the name "${repeated}" occurs twice in its header.`);
  return header;
}

function checkEntry(name: string, value: unknown, path: string): Entry {
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  if (!isKnownDtype(dtype)) {
    throw broken(
      path,
      `tensor "${name}" has the unknown type ${JSON.stringify(dtype)}; known are ${DTYPE_ORDER.join(", ")}.`,
    );
  }
  if (!isCounts(shape))
    throw broken(path, `tensor "${name}" has the shape ${JSON.stringify(shape)}; wanted counts.`);
  const [begin, end] = isCounts(offsets) && offsets.length === 2 ? offsets : [];
  if (begin === undefined || end === undefined || end < begin) {
    throw broken(
      path,
      `tensor "${name}" has the offsets ${JSON.stringify(offsets)}; wanted [begin, end], begin <= end.`,
    );
  }
  const wanted = shape.reduce((product, n) => product * n, DTYPES[dtype].bytes);
  if (wanted !== end - begin) {
    throw broken(
      path,
      `tensor "${name}", ${dtype} [${shape}], takes ${wanted} bytes, but its offsets [${offsets}] span ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The format wants the tensors to follow each other without gap or overlap, and to end with the file. */
function checkLayout(entries: Entry[], size: number, path: string): void {
  let position = 0;
  let previous = "";
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (end > size) {
      throw broken(
        path,
        `tensor "${name}" ends at byte ${end} of the data, but there are ${size}; the file is truncated.`,
      );
    }
    if (begin < position)
      throw broken(path, `tensors "${previous}" and "${name}" overlap (byte ${begin} of the data).`);
    if (begin > position) {
      throw broken(path, `${begin - position} bytes before tensor "${name}" belong to no tensor.`);
    }
    position = end;
    previous = name;
  }
  if (position < size) throw broken(path, `${size - position} bytes at its end belong to no tensor.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

export function broken(path: string, sentence: string, cause?: unknown): SymgradError {
  return new SymgradError("E_FORMAT", `${path} is not a valid safetensors file: ${sentence}`, {
    hint: "copy or download the file again; if it is a checkpoint, use the one before it",
    cause,
  });
}
