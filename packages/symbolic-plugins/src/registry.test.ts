import { straightThroughGumbel } from "@symgrad/gumbel";
import { describe, expect, test } from "vitest";
import { digitVocabulary } from "../test/digitVocabulary";
import { failure } from "../test/failure";
import { listed } from "../test/listed";
import { calculator } from "./builtin/calculator";
import { createRegistry } from "./registry";

const options = { estimator: straightThroughGumbel({ temperature: 1 }), vocabulary: digitVocabulary() };

test("a registry knows what it was given, in that order", () => {
  const registry = createRegistry([listed, calculator]);
  expect(registry.names()).toEqual(["test.listed.v1", "symgrad.calculator.v1"]);
  expect(registry.get("symgrad.calculator.v1")).toBe(calculator);
  expect([registry.has("test.listed.v1"), registry.has("test.other.v1")]).toEqual([true, false]);
  expect(createRegistry().names()).toEqual([]);
});

test("an unknown name lists the known ones and the nearest", () => {
  const registry = createRegistry([listed, calculator]);
  for (const ask of [registry.get, (name: string) => registry.layer(name, options)]) {
    expect(() => ask("symgrad.calcualtor.v1")).toThrow(
      failure("E_NAME", '"symgrad.calcualtor.v1"', "test.listed.v1", "did you mean symgrad.calculator.v1"),
    );
  }
  expect(() => registry.get("symgrad.calculator")).toThrow(
    failure("E_NAME", "did you mean symgrad.calculator.v1"),
  );
  expect(() => createRegistry().get("x")).toThrow(failure("E_NAME", "none is registered"));
});

test("a name twice throws, unless it replaces", () => {
  const registry = createRegistry([calculator]);
  const other = Object.freeze({ ...calculator, maxLength: 99 });
  expect(() => createRegistry([calculator, calculator])).toThrow(
    failure("E_DUPLICATE", "symgrad.calculator.v1"),
  );
  expect(() => registry.register(other)).toThrow(failure("E_DUPLICATE", "replace"));
  expect(registry.get(calculator.name)).toBe(calculator);
  registry.register(other, { replace: true });
  expect(registry.get(calculator.name)).toBe(other);
});

test("a function that breaks the contract is refused and changes nothing", () => {
  const registry = createRegistry([calculator]);
  expect(() => registry.register({ ...listed, run: "1 + 1" } as never)).toThrow(
    failure("E_USAGE", "test.listed.v1", "`run`"),
  );
  expect(() => registry.register(undefined as never)).toThrow(failure("E_USAGE", "defineFunction"));
  expect(registry.names()).toEqual([calculator.name]);
});

test("the first layer freezes the registry; a failed one does not", () => {
  const registry = createRegistry([calculator]);
  expect(() => registry.layer("nobody.knows.v1", options)).toThrow(failure("E_NAME"));
  registry.register(listed);
  registry.layer(calculator.name, options);
  expect(() => registry.register({ ...listed, name: "test.late.v1" })).toThrow(
    failure("E_USAGE", "test.late.v1", "in use", calculator.name),
  );
});

describe("layer options", () => {
  const registry = createRegistry([calculator]);
  test.each([
    ["estimator", { estimator: "gumbel" }, ["`estimator`", "straightThroughGumbel"]],
    ["vocabulary", { vocabulary: ["a"] }, ["`vocabulary`"]],
    ["onUndefined", { onUndefined: "skip" }, ["`onUndefined`", '"mask", "zero", "fail"', '"skip"']],
    ["cacheSize", { cacheSize: -1 }, ["`cacheSize`", "-1"]],
  ] as [string, object, string[]][])("refuses a wrong %s", (_, change, parts) => {
    expect(() => registry.layer(calculator.name, { ...options, ...change } as never)).toThrow(
      failure("E_USAGE", ...parts),
    );
  });

  test("names the digits, symbols and tokens that the vocabulary lacks", () => {
    const full = digitVocabulary();
    const poor = { ...full, id: (token: string) => (token === "7" ? undefined : full.id(token)) };
    const layer = (change: object) => () => registry.layer(calculator.name, { ...options, ...change });
    expect(layer({ vocabulary: poor })).toThrow(failure("E_VOCABULARY", '"7"', "symgrad.calculator.v1"));
    const noPlus = { ...full, encode: (text: string) => (text === "+" ? [1] : full.encode(text)) };
    expect(layer({ vocabulary: noPlus })).toThrow(failure("E_VOCABULARY", '"+"'));
    expect(layer({ onUndefined: { token: "[NONE]" } })).toThrow(failure("E_VOCABULARY", '"[NONE]"'));
  });

  test("the output vocabulary is small and made of the declared tokens alone", () => {
    const vocabulary = digitVocabulary();
    const names = (onUndefined: "mask" | { token: string }) =>
      Array.from(
        registry.layer(calculator.name, { ...options, vocabulary, onUndefined }).outputVocabulary,
        (id) => vocabulary.tokens[id],
      );
    const expected = [..."0123456789", ...[..."0123456789"].map((d) => `##${d}`), ..."+-=,."];
    expect(names("mask")).toEqual(expected);
    expect(names({ token: "[UNDEF]" })).toEqual([...expected, "[UNDEF]"]);
  });
});
