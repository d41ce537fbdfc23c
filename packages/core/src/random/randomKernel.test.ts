import { seeds } from "@symgrad/testing";
import { hostArgument } from "@symgrad/tfjs-backend-onnxruntime";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { fillWords } from "./fillWords";
import { gumbelData, gumbelOfWords } from "./gumbelData";
import { randomKernel } from "./randomKernel";
import { key } from "./randomKey";
import { fillBlocks } from "./threefry";
import { uniform52 } from "./uniform52";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("the kernel's words are those of the scalar cipher, for every key, counter and length", () => {
  expect(randomKernel()).toBeDefined();
  const lengths = fc.oneof(fc.integer({ min: 64, max: 300 }), fc.integer({ min: 8190, max: 16_400 }));
  fc.assert(
    fc.property(word, word, word, word, lengths, (k0, k1, first, high, length) => {
      const [quick, scalar] = [new Uint32Array(length), new Uint32Array(length)];
      fillWords(quick, [k0, k1], first, high);
      fillBlocks(scalar, [k0, k1], first, high);
      expect(Buffer.compare(Buffer.from(quick.buffer), Buffer.from(scalar.buffer))).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("the kernel's Gumbel numbers are the scalar ones, bit for bit", () => {
  fc.assert(
    fc.property(seeds(), fc.constantFrom(1, 2, 3, 5, 4095, 4096, 4097, 9001), (seed, count) => {
      expect(gumbelData(key(seed), count)).toEqual(gumbelOfWords(key(seed).bits(2 * count)));
    }),
    { numRuns: 30 },
  );
});

test("without WebAssembly the same numbers come, more slowly", async () => {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", undefined);
  const alone = { ...(await import("./gumbelData")), ...(await import("./randomKey")) };
  expect((await import("./randomKernel")).randomKernel()).toBeUndefined();
  expect(alone.gumbelData(alone.key(5), 1000)).toEqual(gumbelData(key(5), 1000));
  expect(alone.key(5).bits(1000)).toEqual(key(5).bits(1000));
  vi.unstubAllGlobals();
});

/** -log(-log u) of two words, in double precision and without loss where u is near 1. */
function exactGumbel(first: number, second: number): number {
  const k = (first >>> 12) * 2 ** 32 + second;
  const u = (k + 0.5) / 2 ** 52;
  return -Math.log(u < 0.5 ? -Math.log(u) : -Math.log1p(-(2 ** 52 - 0.5 - k) / 2 ** 52));
}

test("a Gumbel number is within 4e-7 of -log(-log u), in both tails too", () => {
  // Words of all sizes, so that u comes as near to 0 and to 1 as it can.
  const sized = fc.tuple(word, fc.integer({ min: 0, max: 31 })).map(([w, shift]) => w >>> shift);
  const anySize = fc.tuple(sized, fc.boolean()).map(([w, flip]) => (flip ? ~w : w) >>> 0);
  fc.assert(
    fc.property(anySize, anySize, (first, second) => {
      const exact = exactGumbel(first, second);
      const [g] = gumbelOfWords(Uint32Array.of(first, second));
      expect(Math.abs(g! - exact)).toBeLessThan(4e-7 * Math.max(1, Math.abs(exact)));
    }),
    { numRuns: 5000 },
  );
});

test("the least and the largest Gumbel number, where u is 2^-53 and 1 - 2^-53", () => {
  const [least, largest] = gumbelOfWords(Uint32Array.of(0, 0, 0xffffffff, 0xffffffff));
  expect(least).toBeCloseTo(-3.60378, 5);
  expect(largest).toBeCloseTo(36.7368, 4);
});

test("Gumbel numbers are those of uniform52, in its order", () => {
  const u = uniform52(key(2), 6000);
  const g = gumbelData(key(2), 6000);
  for (const [i, value] of u.entries()) expect(g[i]).toBeCloseTo(-Math.log(-Math.log(value)), 4);
});

test("Gumbel numbers of a placeholder key are refused while it stands for nothing", () => {
  const { placeholder } = key(0)[hostArgument]();
  expect(() => gumbelData(placeholder, 4)).toThrow(/E_TRACE/);
});
