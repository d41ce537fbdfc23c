import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  initBackend,
  loadParameters,
  readSafetensors,
  saveSafetensors,
  writeFileAtomic,
} from "../index";
import { halfToNumber, type StoredTensor } from "./safetensorsFormat";

const fixtures = fileURLToPath(new URL("../../../../fixtures/safetensors/", import.meta.url));
let folder: string;
beforeAll(async () => {
  await initBackend({ backend: "cpu" });
  folder = await fs.mkdtemp(join(tmpdir(), "symgrad-safetensors-"));
});
afterAll(() => fs.rm(folder, { recursive: true }));

/** A file made by hand: `header` as JSON or raw text, then `data` bytes. */
async function handMade(header: unknown, data: number | Buffer = 0, claimed?: bigint): Promise<string> {
  const text = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(text.length));
  const path = join(folder, "hand.safetensors");
  await fs.writeFile(
    path,
    Buffer.concat([length, text, typeof data === "number" ? Buffer.alloc(data) : data]),
  );
  return path;
}
function integer(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
function float(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("against the reference implementation", () => {
  const plain = () =>
    new Map<string, tf.Tensor>([
      ["encoder.weight", tf.tensor2d([0, 1, 2, 3, 4, 5], [2, 3]).div(7)],
      ["Encoder.bias", tf.tensor1d([-0, 1e-45, 3.4028235e38])],
      ["step", tf.scalar(1200, "int32")],
      ["leer", tf.zeros([2, 0])],
      ["mask", tf.tensor1d([true, false, true], "bool")],
      ["ä", tf.tensor2d([[-(2 ** 31), 2 ** 31 - 1]], [1, 2], "int32")],
    ]);

  test("writes the same bytes", async () => {
    const path = join(folder, "plain.safetensors");
    await saveSafetensors(path, plain(), { format: "symgrad" });
    expect(await fs.readFile(path)).toEqual(await fs.readFile(`${fixtures}plain.safetensors`));
  });

  test("reads what it wrote", async () => {
    const { tensors, metadata } = await readSafetensors(`${fixtures}plain.safetensors`);
    expect(metadata).toEqual({ format: "symgrad" });
    expect([...tensors.keys()].sort()).toEqual([...plain().keys()].sort());
    for (const [name, tensor] of plain()) {
      expect(tensors.get(name)?.shape).toEqual(tensor.shape);
      expect(tensors.get(name)?.data).toEqual(tensor.dataSync());
    }
  });

  test("converts the types that TensorFlow.js lacks", async () => {
    const { tensors } = await readSafetensors(`${fixtures}wide.safetensors`);
    const data = (name: string) => tensors.get(name)?.data;
    const floats = JSON.parse(await fs.readFile(`${fixtures}wide.json`, "utf8")) as Record<string, string[]>;
    for (const name of ["F16", "BF16"]) {
      const expected = floats[name]!.map((text) => Number(text.replace("inf", "Infinity")));
      expect(data(name)).toEqual(Float32Array.from(expected));
    }
    expect(data("F64")).toEqual(Float32Array.of(0.1, -1e30));
    expect(data("I64")).toEqual(Int32Array.of(-5, 2147483647));
    expect(data("I16")).toEqual(Int32Array.of(-32768, 7));
    expect(data("I8")).toEqual(Int32Array.of(-128, 127));
    expect(data("U32")).toEqual(Int32Array.of(9));
    expect(data("U16")).toEqual(Int32Array.of(65535));
    expect(data("U8")).toEqual(Uint8Array.of(0, 255));
  });
});

describe("saving, then loading", () => {
  const shape = fc.array(fc.nat({ max: 3 }), { maxLength: 3 });
  const stored: fc.Arbitrary<StoredTensor> = shape.chain((shape) => {
    const length = {
      minLength: shape.reduce((a, b) => a * b, 1),
      maxLength: shape.reduce((a, b) => a * b, 1),
    };
    return fc.oneof(
      fc.float32Array(length).map((data) => ({ dtype: "F32" as const, shape, data })),
      fc.int32Array(length).map((data) => ({ dtype: "I32" as const, shape, data })),
      fc.uint8Array(length).map((data) => ({ dtype: "U8" as const, shape, data })),
      fc.uint8Array({ ...length, max: 1 }).map((data) => ({ dtype: "BOOL" as const, shape, data })),
    );
  });
  const name = fc.string({ unit: "grapheme" }).filter((text) => text !== "__metadata__");

  test("is the identity, for any names, types, shapes and bits", async () => {
    const path = join(folder, "identity.safetensors");
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(name, stored), { selector: ([name]) => name, maxLength: 6 }),
        fc.dictionary(name, fc.string({ unit: "grapheme" }), { maxKeys: 3 }),
        async (entries, metadata) => {
          await saveSafetensors(path, new Map(entries), metadata);
          const file = await readSafetensors(path);
          expect({ ...file.metadata }).toEqual({ ...metadata });
          expect(new Map([...file.tensors].sort())).toEqual(new Map([...entries].sort()));
          expect((await fs.readFile(path)).readBigUInt64LE() % 8n).toBe(0n);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("keeps names that mean something to JavaScript", async () => {
    const path = join(folder, "names.safetensors");
    const one: StoredTensor = { dtype: "F32", shape: [], data: Float32Array.of(1) };
    const names = ["__proto__", "constructor", "0", ""];
    await saveSafetensors(
      path,
      new Map(names.map((name) => [name, one])),
      Object.fromEntries(names.map((n) => [n, n])),
    );
    const { tensors, metadata } = await readSafetensors(path);
    expect([...tensors.keys()].sort()).toEqual([...names].sort());
    expect(Object.entries(metadata).sort()).toEqual(names.map((name) => [name, name]).sort());
  });

  test("any damaged copy is refused with E_FORMAT, never misread beyond its bytes or crashed on", async () => {
    const path = join(folder, "damaged.safetensors");
    const whole = await fs.readFile(`${fixtures}plain.safetensors`);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), async (at, value) => {
        await fs.writeFile(path, whole.subarray(0, at));
        await expect(readSafetensors(path)).rejects.toMatchObject({ code: "E_FORMAT" });
        const changed = Buffer.from(whole);
        changed[at] = value;
        await fs.writeFile(path, changed);
        await readSafetensors(path).catch((error) => expect(error).toMatchObject({ code: "E_FORMAT" }));
      }),
      { numRuns: 150 },
    );
  });
});

describe("a broken file says what is wrong", () => {
  const cases: [what: string, make: () => Promise<string>, says: string | RegExp][] = [
    [
      "empty",
      async () => {
        await fs.writeFile(join(folder, "hand.safetensors"), "");
        return join(folder, "hand.safetensors");
      },
      "it is 0 bytes long",
    ],
    [
      "header longer than the file",
      () => handMade({}, 0, 1000n),
      "its header claims 1000 bytes, but only 2 follow",
    ],
    ["header length absurd", () => handMade({}, 0, 2n ** 63n), "more than the format's limit"],
    ["not JSON", () => handMade("{oops"), "its header is not JSON"],
    [
      "not UTF-8",
      () => handMade(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])),
      "its header is not JSON",
    ],
    ["not an object", () => handMade("[]"), "not a JSON object"],
    [
      "truncated data",
      () => handMade({ a: f32(0, 8) }, 4),
      'tensor "a" ends at byte 8 of the data, but there are 4',
    ],
    ["overlap", () => handMade({ a: f32(0, 8), b: f32(4, 12) }, 12), 'tensors "a" and "b" overlap'],
    ["gap", () => handMade({ a: f32(0, 4), b: f32(8, 12) }, 12), '4 bytes before tensor "b"'],
    ["bytes left over", () => handMade({ a: f32(0, 4) }, 8), "4 bytes at its end"],
    ["offsets reversed", () => handMade({ a: f32(8, 4, [1]) }, 8), "begin <= end"],
    ["offsets negative", () => handMade({ a: f32(-4, 0) }, 8), "begin <= end"],
    [
      "shape against offsets",
      () => handMade({ a: f32(0, 8, [3]) }, 8),
      "takes 12 bytes, but its offsets [0,8] span 8",
    ],
    ["shape not counts", () => handMade({ a: f32(0, 4, [0.5]) }, 4), "wanted counts"],
    [
      "unknown type",
      () => handMade({ a: { ...f32(0, 4), dtype: "F8" } }, 4),
      /unknown type "F8"; known are .*F32/,
    ],
    ["no fields", () => handMade({ a: 1 }, 4), "unknown type"],
    [
      "name twice",
      () => handMade(`{"a":${JSON.stringify(f32(0, 4))},"\\u0061":${JSON.stringify(f32(0, 4))}}`, 4),
      '"a" occurs twice',
    ],
    ["metadata not strings", () => handMade({ __metadata__: { epoch: 3 } }), '"epoch" is not'],
    [
      "I64 beyond int32",
      () => handMade({ a: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, integer(2n ** 40n)),
      "1099511627776 at index 0 does not fit in int32",
    ],
    [
      "F64 beyond float32",
      () => handMade({ a: { dtype: "F64", shape: [1], data_offsets: [0, 8] } }, float(1e300)),
      "1e+300 at index 0 is beyond the range of float32",
    ],
  ];
  test.each(cases)("%s", async (_, make, says) => {
    const path = await make();
    const error = await readSafetensors(path).then(
      () => expect.fail("read"),
      (error) => error,
    );
    expect(error).toMatchObject({ code: "E_FORMAT", message: expect.stringContaining(path) });
    expect(error.message).toMatch(says);
  });

  test("missing file, folder", async () => {
    await expect(readSafetensors(join(folder, "nowhere"))).rejects.toMatchObject({ code: "E_FILE" });
    await expect(readSafetensors(folder)).rejects.toThrow(/E_FILE .*it is a folder/);
  });
});

describe("saving refuses", () => {
  const path = () => join(folder, "refused.safetensors");
  test("strings, complex numbers, the reserved name and values that do not fill the shape", async () => {
    await expect(saveSafetensors(path(), new Map([["a", tf.tensor(["x"])]]))).rejects.toMatchObject({
      code: "E_DTYPE",
    });
    await expect(saveSafetensors(path(), new Map([["__metadata__", tf.scalar(1)]]))).rejects.toMatchObject({
      code: "E_NAME",
    });
    const short: StoredTensor = { dtype: "F32", shape: [3], data: Float32Array.of(1) };
    await expect(saveSafetensors(path(), new Map([["a", short]]))).rejects.toThrow(
      /E_SHAPE .*takes 12 bytes, got 4/,
    );
    const half: StoredTensor = { dtype: "F16", shape: [1], data: Float32Array.of(1) };
    await expect(saveSafetensors(path(), new Map([["a", half]]))).rejects.toMatchObject({ code: "E_DTYPE" });
    const metadata = { epoch: 3 } as unknown as Record<string, string>;
    await expect(saveSafetensors(path(), new Map(), metadata)).rejects.toMatchObject({ code: "E_DTYPE" });
    expect((await fs.readdir(folder)).filter((name) => name.includes("refused"))).toEqual([]);
  });
});

describe("writeFileAtomic", () => {
  test("a full disk is E_DISK; the old file stays, the temporary goes", async () => {
    const path = join(folder, "full.txt");
    await writeFileAtomic(path, "old");
    const open = fs.open;
    const spy = vi.spyOn(fs, "open").mockImplementation(async (...args) => {
      const file = await open(...args);
      file.writeFile = async () => {
        await file.write("ne");
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      };
      return file;
    });
    await expect(writeFileAtomic(path, "new")).rejects.toMatchObject({
      code: "E_DISK",
      hint: expect.stringContaining("free some space"),
    });
    spy.mockRestore();
    expect(await fs.readFile(path, "utf8")).toBe("old");
    expect((await fs.readdir(folder)).filter((name) => name.includes("full"))).toEqual(["full.txt"]);
  });

  test("a folder that does not exist, a folder in the place of the file", async () => {
    await expect(writeFileAtomic(join(folder, "no", "file"), "x")).rejects.toMatchObject({ code: "E_FILE" });
    await fs.mkdir(join(folder, "taken"));
    await expect(writeFileAtomic(join(folder, "taken"), "x")).rejects.toMatchObject({ code: "E_FILE" });
    expect((await fs.readdir(folder)).filter((name) => name.includes(".tmp-"))).toEqual([]);
  });

  test("writers at the same time leave one of their texts, whole", async () => {
    const path = join(folder, "race.txt");
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(50_000));
    await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(texts).toContain(await fs.readFile(path, "utf8"));
  });
});

describe("loadParameters", () => {
  const stored = (data: number[], shape = [data.length]): StoredTensor => ({
    dtype: "F32",
    shape,
    data: Float32Array.from(data),
  });
  const model = () =>
    new Map<string, tf.Variable>([
      ["a.weight", tf.variable(tf.tensor2d([[1, 2]]))],
      ["a.bias", tf.variable(tf.tensor1d([3]))],
      ["step", tf.variable(tf.scalar(0, "int32"))],
    ]);

  test("assigns every variable and leaves no tensor behind", () => {
    const parameters = model();
    const before = tf.memory().numTensors;
    const tensors = new Map<string, StoredTensor>([
      ["step", { dtype: "I64", shape: [], data: Int32Array.of(7) }],
      ["a.bias", stored([6])],
      ["a.weight", stored([4, 5], [1, 2])],
    ]);
    loadParameters(parameters, { tensors }, { where: "test" });
    expect([...parameters.values()].map((v) => [...v.dataSync()])).toEqual([[4, 5], [6], [7]]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("lists everything that disagrees, and then changes nothing", () => {
    const parameters = model();
    const tensors = new Map([
      ["a.weight", stored([4, 5], [2, 1])],
      ["step", stored([1], [])],
      ["b.bias", stored([1])],
    ]);
    let error: Error | undefined;
    try {
      loadParameters(parameters, tensors, { where: "run/model.safetensors" });
    } catch (thrown) {
      error = thrown as Error;
    }
    expect(error).toMatchObject({ code: "E_CHECKPOINT", where: "run/model.safetensors" });
    expect(error?.message).toContain("1 missing: a.bias");
    expect(error?.message).toContain("1 unexpected: b.bias");
    expect(error?.message).toContain("a.weight (model [1, 2], stored [2, 1])");
    expect(error?.message).toContain("step (model int32, stored F32)");
    expect([...parameters.values()].map((v) => [...v.dataSync()])).toEqual([[1, 2], [3], [0]]);
  });

  test("values that are not finite are refused", () => {
    const parameters = new Map([["a", tf.variable(tf.tensor1d([1]))]]);
    expect(() => loadParameters(parameters, new Map([["a", stored([Number.NaN])]]), { where: "x" })).toThrow(
      /E_CHECKPOINT .*1 not finite: a[\s\S]*diverged/,
    );
  });
});

test("halfToNumber agrees with the definition at the edges", () => {
  expect([0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00].map(halfToNumber)).toEqual([
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    Number.POSITIVE_INFINITY,
  ]);
  expect(halfToNumber(0x7e00)).toBeNaN();
});

test("bytes in memory hold the same as a file, names in the order of their code points", async () => {
  const names = ["é", "a", "𝄞", "ﬀ", "ab", "b"]; // in UTF-16 the fourth would come behind the third
  const tensors = new Map<string, StoredTensor>(
    names.map((name, i) => [name, { dtype: "F32", shape: [2], data: Float32Array.of(i, -i) }]),
  );
  const path = join(folder, "names.safetensors");
  await saveSafetensors(path, tensors, { kind: "test" });
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeSafetensors(tensors, { kind: "test" })) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  expect(bytes.equals(await fs.readFile(path))).toBe(true);
  const read = await decodeSafetensors(bytes, "memory");
  expect(read).toEqual(await readSafetensors(path));
  expect([...read.tensors.keys()]).toEqual(["a", "ab", "b", "é", "ﬀ", "𝄞"]);
  expect(read.tensors.get("𝄞")!.data).toEqual(Float32Array.of(2, -2));
  await expect(decodeSafetensors(bytes.subarray(0, 60), "memory")).rejects.toThrow(/memory.*truncated/);
});
