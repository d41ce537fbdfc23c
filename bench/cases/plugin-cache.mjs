// Cached calls of the calculator: a second epoch over examples of 11 numbers (55 pairs each), from the example's numbers
// to packed token ids, against the same without a cache. And what is kept of an example where the results do not fit.
import { straightThroughGumbel } from "@symgrad/gumbel";
import { calculator, compactRow, createRegistry } from "@symgrad/symbolic-plugins";
import { digitVocabulary } from "../lib/digitVocabulary.mjs";
import { median } from "../lib/median.mjs";

const EXAMPLES = 1_000;
const NUMBERS = 11;
/** Cached epochs for each one of the slower peer: their noise is larger relative to their time. */
const EPOCHS_PER_ROUND = 8;

export async function run({ runs, log }) {
  const examples = Array.from({ length: EXAMPLES }, (_, i) => ({
    numbers: Array.from({ length: NUMBERS }, (_, j) => 1_000_000 + ((i * 7919 + j * 104_729) % 8_999_999)),
  }));
  const layerOf = (cacheSize) =>
    createRegistry([calculator]).layer(calculator.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: digitVocabulary(),
      cacheSize,
    });
  const [cached, uncached] = [layerOf(1_000_000), layerOf(0)];
  const calls = (EXAMPLES * NUMBERS * (NUMBERS - 1)) / 2;
  /** Batches of 50 examples, as a training run prepares them. */
  const epoch = (layer, candidates) => {
    const began = performance.now();
    for (let at = 0; at < EXAMPLES; at += 50) {
      const batch = examples.slice(at, at + 50);
      layer.prepareRowsSync(candidates?.[at / 50] ?? layer.candidates(batch));
    }
    return performance.now() - began;
  };
  const listed = Array.from({ length: EXAMPLES / 50 }, (_, i) =>
    cached.candidates(examples.slice(50 * i, 50 * i + 50)),
  );
  log(`plugin-cache: ${calls} calls an epoch`);
  epoch(cached);
  const before = cached.counters;
  const times = { whole: [], listed: [], without: [] };
  for (let round = 0; round < runs; round++) {
    for (let i = 0; i < EPOCHS_PER_ROUND; i++) {
      times.whole.push(epoch(cached));
      times.listed.push(epoch(cached, listed));
    }
    times.without.push(epoch(uncached));
  }
  const after = cached.counters;
  const hitRate = (after.hits - before.hits) / (after.hits - before.hits + after.misses - before.misses);
  const peerMs = median(times.without);
  const row = (name, oursMs) => ({
    case: name,
    threads: 1,
    peer: "no cache",
    oursMs: Math.round(oursMs),
    peerMs: Math.round(peerMs),
    ratio: Math.round((10 * peerMs) / oursMs) / 10,
    callsPerSecond: Math.round(calls / (oursMs / 1000)),
    hitRate,
  });
  const [first] = uncached.prepareRowsSync(uncached.candidates(examples.slice(0, 1))).map(compactRow);
  const bytes = [first.ids, first.offsets, first.mask, first.tuples].reduce(
    (sum, a) => sum + a.byteLength,
    0,
  );
  const twice = examples.slice(0, 50).flatMap((example) => [example, example]);
  const calledBefore = uncached.counters.calls;
  uncached.prepareRowsSync(uncached.candidates(twice));
  return {
    what: `a second epoch of ${calls} cached calculator calls (ratio above 1: ours is faster)`,
    rows: [
      row("second epoch, candidates listed anew", median(times.whole)),
      row("second epoch, candidates kept", median(times.listed)),
    ],
    notFitting: {
      bytesPerExample: bytes,
      callsOfABatchWithEveryExampleTwice: uncached.counters.calls - calledBefore,
      distinctCalls: (50 * NUMBERS * (NUMBERS - 1)) / 2,
    },
    notes: [`an example kept without texts: ${bytes} bytes (55 results)`],
  };
}
