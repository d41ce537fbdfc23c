import { seeds } from "@symgrad/testing";
import { hostArgument } from "@symgrad/tfjs-backend-onnxruntime";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { fillWords } from "./fillWords";
import { fillGumbel, gumbelData } from "./gumbelData";
import { randomKernel } from "./randomKernel";
import { key } from "./randomKey";
import { fillBlocks } from "./threefry";
import { fillXoshiro } from "./xoshiro";

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
    fc.property(seeds(), fc.constantFrom(1, 2, 3, 5, 8191, 8192, 8193, 20_001), (seed, count) => {
      expect(gumbelData(key(seed), count)).toEqual(scalarGumbel(seed, count));
    }),
    { numRuns: 30 },
  );
});

function scalarGumbel(seed: number, count: number): Float32Array {
  const [state, out] = [new Uint32Array(16), new Float32Array(count)];
  fillBlocks(state, key(seed).words(), 0, 3);
  fillGumbel(out, (words) => fillXoshiro(words, state));
  return out;
}

test("without WebAssembly the same numbers come, more slowly", async () => {
  vi.resetModules();
  vi.stubGlobal("WebAssembly", undefined);
  const alone = { ...(await import("./gumbelData")), ...(await import("./randomKey")) };
  expect((await import("./randomKernel")).randomKernel()).toBeUndefined();
  expect(alone.gumbelData(alone.key(5), 1000)).toEqual(gumbelData(key(5), 1000));
  expect(alone.key(5).bits(1000)).toEqual(key(5).bits(1000));
  vi.unstubAllGlobals();
});

/** -log(-log u) of a word and the further one, in double precision and without loss where u is near 1. */
function exactGumbel(word: number, further: number): number {
  const tail = Math.min(word, ~word >>> 0) < 2 ** 24;
  const below = tail ? (word * 2 ** 20 + (further >>> 12) + 0.5) / 2 ** 52 : (word + 0.5) / 2 ** 32;
  const above = tail
    ? ((2 ** 32 - 1 - word) * 2 ** 20 + (2 ** 20 - 1 - (further >>> 12)) + 0.5) / 2 ** 52
    : (2 ** 32 - 1 - word + 0.5) / 2 ** 32;
  return -Math.log(below < 0.5 ? -Math.log(below) : -Math.log1p(-above));
}

/** Of given words, with the same further word for each that takes one. */
function gumbelOf(words: number[], further: number): Float32Array {
  return Float32Array.from(words, (word) => {
    const out = new Float32Array(1);
    let calls = 0;
    fillGumbel(out, (next) => next.fill(calls++ === 0 ? word : further));
    return out[0]!;
  });
}

test("a Gumbel number is within 4e-7 of -log(-log u), in both tails too", () => {
  // Words of all sizes, so that u comes as near to 0 and to 1 as it can.
  const sized = fc.tuple(word, fc.integer({ min: 0, max: 31 })).map(([w, shift]) => w >>> shift);
  const anySize = fc.tuple(sized, fc.boolean()).map(([w, flip]) => (flip ? ~w : w) >>> 0);
  fc.assert(
    fc.property(anySize, anySize, (first, second) => {
      const exact = exactGumbel(first, second);
      const g = gumbelOf([first], second)[0]!;
      expect(Math.abs(g - exact)).toBeLessThan(4e-7 * Math.max(1, Math.abs(exact)));
    }),
    { numRuns: 20_000 },
  );
});

test("the least and the largest Gumbel number, where u is 2^-53 and 1 - 2^-53", () => {
  expect(gumbelOf([0], 0)[0]).toBeCloseTo(-3.60378, 5);
  expect(gumbelOf([0xffffffff], 0xffffffff)[0]).toBeCloseTo(36.7368, 4);
});

test("where the further bits begin and where u is one half, the numbers still rise with u", () => {
  for (const edge of [2 ** 24, 2 ** 31, 2 ** 32 - 2 ** 24]) {
    const words = Array.from({ length: 200 }, (_, i) => edge - 100 + i);
    const g = gumbelOf(words, 2 ** 31);
    for (let i = 1; i < g.length; i++) expect(g[i]! - g[i - 1]!).toBeGreaterThanOrEqual(-2.4e-7);
    expect(g[199]!).toBeGreaterThan(g[0]!);
  }
});

test("a longer draw begins with the numbers of a shorter one", () => {
  expect(gumbelData(key(4), 9000).slice(0, 4097)).toEqual(gumbelData(key(4), 4097));
});

test("Gumbel numbers of a placeholder key are refused while it stands for nothing", () => {
  const { placeholder } = key(0)[hostArgument]();
  expect(() => gumbelData(placeholder, 4)).toThrow(/E_TRACE/);
});
