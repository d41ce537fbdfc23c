import { straightThroughGumbel } from "@symgrad/gumbel";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { digitVocabulary } from "../test/digitVocabulary";
import { failure } from "../test/failure";
import type { ArgumentSpace } from "./arguments/argumentSpace";
import { fromExample } from "./arguments/fromExample";
import type { ValueType } from "./arguments/valueType";
import { calculator } from "./builtin/calculator";
import { ResultCache } from "./cache";
import type { RunContext } from "./callContext";
import { defineFunction, type FunctionDefinition } from "./define";
import type { LayerOptions, SymbolicLayer } from "./layer/symbolicLayer";
import { tokens } from "./output";
import { createRegistry } from "./registry";
import { ok, type Result } from "./result";

const words = { word: fromExample("words") };
type Words = typeof words;

function layerOf(
  run: FunctionDefinition<Words>["run"],
  change: Partial<FunctionDefinition<Words>> = {},
  options: Partial<LayerOptions> = {},
): SymbolicLayer {
  const fn = defineFunction({
    name: "test.word.v1",
    args: words,
    run,
    output: tokens(),
    maxLength: 4,
    ...change,
  });
  return createRegistry([fn]).layer(fn.name, {
    estimator: straightThroughGumbel({ temperature: 1 }),
    vocabulary: digitVocabulary(),
    ...options,
  });
}

const rows = (layer: SymbolicLayer, ...batch: string[][]) =>
  layer.prepareRowsSync(layer.candidates(batch.map((list) => ({ words: list }))));
const rowsAsync = (layer: SymbolicLayer, ...batch: string[][]) =>
  layer.prepareRows(layer.candidates(batch.map((list) => ({ words: list }))));

describe("the cache", () => {
  test("is hit by equal arguments within a batch and across batches", () => {
    const run = vi.fn(({ word }: { word: string }) => ok(String(word.length)));
    const layer = layerOf(run);
    rows(layer, ["a", "bb"], ["a", "a"]);
    rows(layer, ["bb", "ccc"]);
    expect(run).toHaveBeenCalledTimes(3);
    expect(layer.counters).toEqual({ calls: 3, hits: 3, misses: 3, joined: 0, evictions: 0, size: 3 });
  });

  test("a second epoch that fits is all hits", () => {
    const registry = createRegistry([calculator]);
    const layer = registry.layer(calculator.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: digitVocabulary(),
    });
    const examples = Array.from({ length: 20 }, (_, i) => ({
      numbers: Array.from({ length: 11 }, (_, j) => 1000 * i + 7 * j),
    }));
    const epoch = () => layer.prepareRowsSync(layer.candidates(examples));
    epoch();
    expect(layer.counters).toMatchObject({ calls: 1100, misses: 1100 });
    epoch();
    expect(layer.counters).toMatchObject({ calls: 1100, hits: 1100 });
  });

  test("too small a cache still computes nothing twice within a batch, and keeps what was used last", () => {
    const run = vi.fn(({ word }: { word: string }) => ok(String(word.length)));
    const layer = layerOf(run, {}, { cacheSize: 2 });
    rows(layer, ["a", "bb", "ccc", "a"]);
    expect(run).toHaveBeenCalledTimes(3);
    expect(layer.counters).toMatchObject({ size: 2, evictions: 1 });
    rows(layer, ["a", "ccc"]); // "bb" was the one used longest ago
    expect(run).toHaveBeenCalledTimes(3);
    rows(layer, ["bb"]);
    expect(run).toHaveBeenCalledTimes(4);
  });

  test("an impure function is called every time", () => {
    let calls = 0;
    const layer = layerOf(() => ok(String(++calls)), { pure: false });
    const [row] = rows(layer, ["a", "a", "a"]);
    expect(row!.results!.map((result) => result.kind === "ok" && result.text)).toEqual(["1", "2", "3"]);
    expect(layer.counters).toMatchObject({ calls: 3, hits: 0, misses: 0, size: 0 });
  });

  test("arguments that could be confused by joining them are told apart", () => {
    const seen: string[] = [];
    const fn = defineFunction({
      name: "test.two.v1",
      args: { a: fromExample("words"), b: fromExample("words") },
      run: ({ a, b }) => {
        seen.push(JSON.stringify([a, b]));
        return ok("1");
      },
      output: tokens(),
      maxLength: 4,
    });
    const layer = createRegistry([fn]).layer(fn.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: digitVocabulary(),
    });
    layer.prepareRowsSync(layer.candidates([{ words: ["x", 'x","x', "", "x\u001fx", '"'] }]));
    expect(new Set(seen).size).toBe(25);
    expect(seen.length).toBe(25);
  });

  test("ResultCache drops the least recently used", () => {
    const cache = new ResultCache<number>(2);
    for (const [i, key] of ["a", "b", "c"].entries()) cache.set([key], i);
    cache.get(["a"]);
    cache.trim();
    expect([cache.get(["a"]), cache.get(["b"]), cache.get(["c"])]).toEqual([0, undefined, 2]);
    expect(cache.counters).toEqual({ hits: 3, misses: 1, evictions: 1 });
  });
});

test("ResultCache agrees with a list of keys in the order of use", () => {
  const letter = fc.constantFrom("a", "b", "c");
  const action = fc.tuple(fc.constantFrom("get", "set", "delete", "trim"), letter, letter);
  fc.assert(
    fc.property(fc.nat(4), fc.array(action, { maxLength: 60 }), (capacity, actions) => {
      const cache = new ResultCache<number>(capacity);
      let model: { key: string; value: number }[] = []; // the oldest first
      for (const [i, [what, a, b]] of actions.entries()) {
        const known = model.find(({ key }) => key === a + b);
        if (what !== "trim") model = model.filter((entry) => entry !== known);
        if (what === "get") {
          expect(cache.get([a, b])).toBe(known?.value);
          if (known) model.push(known);
        } else if (what === "set") {
          cache.set([a, b], i);
          model.push({ key: a + b, value: i });
        } else if (what === "delete") cache.delete([a, b]);
        else {
          cache.trim();
          model = model.slice(Math.max(0, model.length - capacity));
        }
        expect(cache.size).toBe(model.length);
      }
      for (const { key, value } of model) expect(cache.get([key[0]!, key[1]!])).toBe(value);
    }),
  );
});

describe("asynchronous functions", () => {
  const later = async (text: string, ms = 1): Promise<Result> => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ok(text);
  };

  test("give the same rows as synchronous ones, results in the order of the candidates", async () => {
    const lists = [Array.from({ length: 40 }, (_, i) => "x".repeat((i * 7) % 9)), ["xx"], []];
    const sync = layerOf(({ word }) => ok(String(word.length)));
    const async = layerOf(({ word }) => later(String(word.length), 10 - word.length));
    expect(await rowsAsync(async, ...lists)).toEqual(rows(sync, ...lists));
    expect(await rowsAsync(sync, ...lists)).toEqual(rows(sync, ...lists));
  });

  test("calls under way are joined, within a batch and between two", async () => {
    const run = vi.fn(({ word }: { word: string }) => later(String(word.length)));
    const layer = layerOf(run);
    await Promise.all([rowsAsync(layer, ["a", "a", "bb"]), rowsAsync(layer, ["bb", "a"])]);
    expect(run).toHaveBeenCalledTimes(2);
    expect(layer.counters).toMatchObject({ calls: 2, joined: 3, size: 2 });
  });

  test("at most 16 are under way at once", async () => {
    let now = 0;
    let most = 0;
    const layer = layerOf(async ({ word }) => {
      most = Math.max(most, ++now);
      const result = await later(word);
      now--;
      return result;
    });
    await rowsAsync(
      layer,
      Array.from({ length: 60 }, (_, i) => String(i)),
    );
    expect(most).toBe(16);
    expect(now).toBe(0);
  });

  test("a rejection is reported once, whichever call it was, and may be tried again", async () => {
    for (const bad of [0, 5, 39]) {
      let broken = true;
      const layer = layerOf(async ({ word }) => {
        await later(word, (Number(word) * 3) % 5);
        if (broken && word === String(bad)) throw new Error("no connection");
        return ok(word);
      });
      const list = Array.from({ length: 40 }, (_, i) => String(i));
      await expect(rowsAsync(layer, list)).rejects.toThrow(
        failure("E_FUNCTION", `word: "${bad}"`, "no connection") as Error,
      );
      broken = false;
      expect((await rowsAsync(layer, list))[0]!.count).toBe(40);
    }
  });

  test("after a failure no further call is started", async () => {
    const run = vi.fn(async ({ word }: { word: string }) => {
      await later(word);
      if (word === "3") throw new Error("no connection");
      return ok(word);
    });
    const list = Array.from({ length: 500 }, (_, i) => String(i));
    await expect(rowsAsync(layerOf(run), list)).rejects.toThrow("no connection");
    expect(run.mock.calls.length).toBeLessThan(50);
  });

  test("the function and the layer set how many are under way at once", async () => {
    const mostOf = async (change: object, options: object) => {
      let now = 0;
      let most = 0;
      const layer = layerOf(
        async ({ word }) => {
          most = Math.max(most, ++now);
          const result = await later(word);
          now--;
          return result;
        },
        change,
        options,
      );
      await rowsAsync(
        layer,
        Array.from({ length: 30 }, (_, i) => String(i)),
      );
      return most;
    };
    expect(await mostOf({ concurrency: 3 }, {})).toBe(3);
    expect(await mostOf({ concurrency: 3 }, { concurrency: 5 })).toBe(5);
  });

  describe("that take too long", () => {
    const never = new Promise<Result>(() => {});

    test("time out: counted like an undefined result, told, asked once in a batch and again in the next", async () => {
      const signals: AbortSignal[] = [];
      const run = vi.fn(({ word }: { word: string }, { signal }: RunContext) => {
        signals.push(signal);
        return word === "never" ? never : later(word);
      });
      const layer = layerOf(run, { timeoutMs: 20 });
      const [row] = await rowsAsync(layer, ["1", "never", "2", "never"]);
      expect(row!.undefinedCounts).toEqual({ "timeout after 20 ms": 2 });
      expect(row!.results![1]).toEqual({ kind: "timeout", reason: "timeout after 20 ms" });
      expect(Array.from(row!.mask)).toEqual([1, 0, 1, 0]);
      expect(run).toHaveBeenCalledTimes(3);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false]);
      await rowsAsync(layer, ["never", "1"]);
      expect(run).toHaveBeenCalledTimes(4);
    });

    test("are an error where undefined results are", async () => {
      const layer = layerOf(() => never, {}, { timeoutMs: 5, onUndefined: "fail" });
      await expect(rowsAsync(layer, ["x"])).rejects.toThrow(
        failure("E_UNDEFINED", 'run({ word: "x" })', "timeout after 5 ms") as Error,
      );
    });

    test("a rejection after the timeout disturbs nobody", async () => {
      const layer = layerOf(
        async () => {
          await later("", 15);
          throw new Error("too late");
        },
        { timeoutMs: 3 },
      );
      expect((await rowsAsync(layer, ["x"]))[0]!.undefinedCounts).toEqual({ "timeout after 3 ms": 1 });
      await later("", 25); // an unhandled rejection would fail the run
    });
  });

  describe("that are stopped", () => {
    const stopped = (layer: SymbolicLayer, signal: AbortSignal, ...list: string[]) =>
      layer.prepareRows(layer.candidates([{ words: list }]), { signal });
    /** Settles when it is told to stop. */
    const listening = (told: string[]) =>
      vi.fn(
        ({ word }: { word: string }, { signal }: RunContext) =>
          new Promise<Result>((resolve, reject) => {
            setTimeout(() => resolve(ok(word)), 40);
            signal.addEventListener("abort", () => {
              told.push(word);
              reject(signal.reason);
            });
          }),
      );

    test("reject with E_ABORT at once, tell the calls, and can be asked again", async () => {
      const told: string[] = [];
      const layer = layerOf(listening(told));
      const controller = new AbortController();
      const preparing = stopped(layer, controller.signal, "1", "2");
      controller.abort(new Error("enough"));
      await expect(preparing).rejects.toThrow(failure("E_ABORT", "test.word.v1") as Error);
      expect(told.sort()).toEqual(["1", "2"]);
      expect((await rowsAsync(layer, ["1", "2"]))[0]!.undefinedCounts).toEqual({});
      await expect(stopped(layer, AbortSignal.abort(), "3")).rejects.toThrow(failure("E_ABORT") as Error);
      expect(layer.counters.calls).toBe(4);
    });

    test("a call that another batch waits for goes on", async () => {
      const told: string[] = [];
      const layer = layerOf(listening(told));
      const controller = new AbortController();
      const preparing = stopped(layer, controller.signal, "1", "2");
      const other = rowsAsync(layer, ["2", "3"]);
      controller.abort();
      await expect(preparing).rejects.toThrow(failure("E_ABORT") as Error);
      expect((await other)[0]!.count).toBe(2);
      expect(told).toEqual(["1"]);
      expect(layer.counters).toMatchObject({ calls: 3, joined: 1 });
    });
  });

  test("prepareSync refuses them", async () => {
    const layer = layerOf(({ word }) => later(word));
    expect(() => rows(layer, ["1"])).toThrow(failure("E_USAGE", "test.word.v1", "await layer.prepare"));
    const failing = layerOf(async () => Promise.reject(new Error("refused")));
    expect(() => rows(failing, ["1"])).toThrow(failure("E_USAGE"));
    await new Promise((resolve) => setTimeout(resolve, 5)); // an unhandled rejection would fail the run
  });
});

describe("what a function may do wrong", () => {
  test("throwing: the function, its arguments, the cause, and what to do instead", () => {
    const cause = new RangeError("too big");
    const layer = layerOf(() => {
      throw cause;
    });
    const thrown = failure(
      "E_FUNCTION",
      "test.word.v1",
      'run({ word: "seven" })',
      "too big",
      "undefinedResult",
    );
    expect(() => rows(layer, ["seven"])).toThrow(thrown);
    expect(() => rows(layer, ["seven"])).toThrow(expect.objectContaining({ cause }));
  });

  test.each([
    ["a string", "95", '"95"'],
    ["nothing", undefined, "undefined"],
    ["a number", 95, "95"],
    ["another object", { text: "95" }, '{"text":"95"}'],
    ["an ok without text", { kind: "ok" }, '{"kind":"ok"}'],
    ["values that are not text", { kind: "ok", text: "95", values: [95] }, "[95]"],
    ["undefined without a reason", { kind: "undefined", reason: "" }, '"reason":""'],
  ])("returning %s", async (_, returned, shown) => {
    const wrong = failure("E_FUNCTION", "test.word.v1", 'word: "x"', "ok(text)", shown);
    expect(() =>
      rows(
        layerOf(() => returned as never),
        ["x"],
      ),
    ).toThrow(wrong);
    await expect(
      rowsAsync(
        layerOf(async () => returned as never),
        ["x"],
      ),
    ).rejects.toThrow(wrong as Error);
  });

  test("changing its arguments", async () => {
    const list: ValueType<number[]> = {
      name: "list",
      expected: "a list of numbers",
      parse: (value) => (Array.isArray(value) ? [...value] : undefined),
      canonical: (value) => JSON.stringify(value),
    };
    const layerOfArgument = <T>(
      space: ArgumentSpace<T>,
      run: (values: { list: T }) => Result | Promise<Result>,
    ) => {
      const fn = defineFunction({
        name: "test.list.v1",
        args: { list: space },
        run: (values) => run(values as { list: T }),
        output: tokens(),
        maxLength: 4,
      });
      return createRegistry([fn]).layer(fn.name, {
        estimator: straightThroughGumbel({ temperature: 1 }),
        vocabulary: digitVocabulary(),
      });
    };
    const make = (run: (values: { list: number[] }) => Result | Promise<Result>) =>
      layerOfArgument(fromExample("lists", list), run);
    const examples = [{ lists: [[3, 1, 2]] }];
    const changed = failure("E_FUNCTION", "test.list.v1", "[3,1,2]", "read only", "frozen", "copy");
    const sorting = make(({ list }) => ok(String(list.sort()[0])));
    expect(() => sorting.prepareRowsSync(sorting.candidates(examples))).toThrow(changed);
    const sortingLater = make(async ({ list }) => ok(String(list.sort()[0])));
    await expect(sortingLater.prepareRows(sortingLater.candidates(examples))).rejects.toThrow(
      changed as Error,
    );
    // What cannot be frozen is compared afterwards.
    const bytes: ValueType<Uint8Array> = {
      name: "bytes",
      expected: "bytes",
      parse: (value) => Uint8Array.from(value as number[]),
      canonical: (value) => JSON.stringify([...value]),
    };
    const filling = layerOfArgument(fromExample("lists", bytes), ({ list }) => ok(String(list.fill(7)[0])));
    expect(() => filling.prepareRowsSync(filling.candidates(examples))).toThrow(
      failure("E_FUNCTION", "test.list.v1", "[3,1,2]", "`list`", "[7,7,7]", "copy"),
    );
    const replacing = make((values) => {
      (values as { list: number[] }).list = [];
      return ok("1");
    });
    expect(() => replacing.prepareRowsSync(replacing.candidates(examples))).toThrow(
      failure("E_FUNCTION", "read only"),
    );
  });

  test("a text longer than maxLength: an error, or undefined where so declared", () => {
    const long = ({ word }: { word: string }) => ok(word);
    expect(() => rows(layerOf(long), ["12345"])).toThrow(
      failure("E_LENGTH", "test.word.v1", 'word: "12345"', "5 tokens", "`maxLength` is 4"),
    );
    const [row] = rows(layerOf(long, { overflow: "undefined" }), ["12345", "1234"]);
    expect(row!.undefinedCounts).toEqual({ "longer than 4 tokens": 1 });
    expect(Array.from(row!.mask)).toEqual([0, 1]);
  });

  test("the calculator leaves out what is longer than 128 tokens", () => {
    const layer = createRegistry([calculator]).layer(calculator.name, {
      estimator: straightThroughGumbel({ temperature: 1 }),
      vocabulary: digitVocabulary(),
    });
    const [row] = layer.prepareRowsSync(layer.candidates([{ numbers: ["9".repeat(40), 1, 2] }]));
    expect(row!.undefinedCounts).toEqual({ "longer than 128 tokens": 2 });
    expect(Array.from(row!.mask)).toEqual([0, 0, 1]);
  });

  test("a token outside the declared output, with and without names of tokens", () => {
    const outside = () => ok("5 of 7");
    expect(() => rows(layerOf(outside), ["x"])).toThrow(
      failure("E_VOCABULARY", 'word: "x"', '"of"', '"5 of 7"', "symbols"),
    );
    const { token: _, ...nameless } = digitVocabulary();
    expect(() => rows(layerOf(outside, {}, { vocabulary: nameless }), ["x"])).toThrow(
      failure("E_VOCABULARY", "id 19"),
    );
    expect(() =>
      rows(
        layerOf(() => ok("5 zebra")),
        ["x"],
      ),
    ).toThrow(failure("E_VOCABULARY", '"[UNK]"'));
  });

  test("an error in a batch leaves the layer usable", () => {
    const layer = layerOf(({ word }) => ok(word));
    expect(() => rows(layer, ["1", "12345"])).toThrow(failure("E_LENGTH"));
    expect(rows(layer, ["1"])[0]!.count).toBe(1);
    expect(layer.counters.hits).toBe(1);
  });
});
