import { initBackend } from "@symgrad/core";
import { beforeAll, expect, test } from "vitest";
import { readDigits } from "../readDigits.mjs";
import { trainDigitSum } from "../trainDigitSum.mjs";

beforeAll(async () => void (await initBackend()));

test("the fixture: 1,297 images to learn from and 500 others, pixels from 0 to 1", () => {
  const { train, test } = readDigits();
  expect([train.labels.length, test.labels.length]).toEqual([1297, 500]);
  for (const { images, labels } of [train, test]) {
    expect(images.length).toBe(64 * labels.length);
    expect(images.every((pixel) => pixel >= 0 && pixel <= 1)).toBe(true);
    expect(new Set(labels).size).toBe(10);
  }
});

test("sums of two digits teach to read digits", async () => {
  const { sumAccuracy, digitAccuracy } = await trainDigitSum({ summands: 2, epochs: 20, seed: 0 });
  expect(digitAccuracy).toBeGreaterThan(0.9);
  expect(sumAccuracy).toBeGreaterThan(0.8);
});
