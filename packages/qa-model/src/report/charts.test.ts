import { escapeHtml } from "@symgrad/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { barChart } from "./barChart";
import { lineChart } from "./lineChart";
import { ticks } from "./ticks";

test("ticks are round, evenly spaced and enclose what is shown", () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(bound, bound, (a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      fc.pre(high - low > 1e-3);
      const found = ticks(low, high);
      const step = found[1]! - found[0]!;
      expect(found.length).toBeGreaterThanOrEqual(2);
      expect(found.length).toBeLessThanOrEqual(9);
      expect(found[0]!).toBeLessThanOrEqual(low + 1e-6 * step);
      expect(found.at(-1)!).toBeGreaterThanOrEqual(high - 1e-6 * step);
      for (const [i, tick] of found.entries()) expect(tick).toBeCloseTo(found[0]! + i * step, 3);
    }),
  );
});

/** Numbers of an attribute in a picture. */
const values = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map(([, value]) => Number(value));

test("a curve stays in its picture; a number that is none is left out; many points are averaged", () => {
  const point = fc.tuple(fc.nat(10_000), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 600 }), (points) => {
      const sorted = points.sort(([a], [b]) => a - b);
      const svg = lineChart({
        title: "t",
        xLabel: "step",
        series: [{ name: "a", points: [...sorted, [1e9, Number.NaN]] }],
      });
      const drawn = /points="([^"]*)"/
        .exec(svg)![1]!
        .split(" ")
        .map((pair) => pair.split(",").map(Number));
      expect(drawn.length).toBeLessThanOrEqual(160);
      for (const [x, y] of drawn) {
        expect(x).toBeGreaterThanOrEqual(52);
        expect(x).toBeLessThanOrEqual(444);
        expect(y).toBeGreaterThanOrEqual(12);
        expect(y).toBeLessThanOrEqual(202);
      }
    }),
    { numRuns: 50 },
  );
  expect(lineChart({ title: "t", xLabel: "step", series: [{ name: "a", points: [] }] })).toBe("");
});

test("bars are as long as their shares, and say them; text cannot become markup", () => {
  const title = `<b>"F1" & more</b>`;
  const svg = barChart({
    title,
    series: ["one", "two"],
    groups: [
      { name: "<script>", values: [0.5, undefined] },
      { name: "b", note: "2 examples", values: [1, 0.25] },
    ],
  });
  const [half, whole, quarter] = values(svg, /width="([\d.]+)" height="12"/g) as [number, number, number];
  expect(whole / half).toBeCloseTo(2, 6);
  expect(half / quarter).toBeCloseTo(2, 6);
  expect(svg).toContain("50.0%");
  expect(svg).not.toContain("<script>");
  expect(svg).toContain(escapeHtml(title));
});
