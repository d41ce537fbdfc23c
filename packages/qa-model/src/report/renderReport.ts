import type { MetricsRecord } from "@symgrad/core";
import { escapeHtml } from "@symgrad/core";
import type { GroupScores, ReaderAnalysis } from "../explain/analyzeReader";
import type { Explanation } from "../explain/explainer";
import { barChart } from "./barChart";
import { explanationSection } from "./explanationSection";
import { type LineSeries, lineChart } from "./lineChart";
import { page } from "./page";

export interface RunReport {
  /** What the page is about, such as the run directory. */
  name: string;
  /** The run's settings, as `config.json` has them. */
  config?: Readonly<Record<string, unknown>> | undefined;
  /** The run's `metrics.jsonl`. */
  metrics?: readonly MetricsRecord[] | undefined;
  analysis?: ReaderAnalysis | undefined;
  explanations?: readonly Explanation[] | undefined;
}

/** The curves of a run, by what they are about; fields that a run does not have are left out. */
const CURVES = [
  { title: "Loss (nats)", fields: { loss: "total", endLoss: "answer", argumentLoss: "arguments" } },
  {
    title: "Share of a batch whose answer has a span, and whose chosen arguments compute it",
    fields: { covered: "has a span", computed: "computes it" },
    range: [0, 1],
  },
  {
    title: "Scores while training",
    fields: { f1: "F1", exactMatch: "exact match", termAccuracy: "term accuracy" },
    range: [0, 1],
  },
  { title: "Learning rate", fields: { learningRate: "rate" } },
  { title: "Gradient norm, before clipping", fields: { gradientNorm: "norm" } },
] as const;

/**
 * A run as one HTML page with its pictures: scores, use of the function, curves, and what the answers rest on. The page
 * needs no network, reads in light and dark, and says every picture in words or numbers as well.
 */
export function renderReport({ name, config, metrics = [], analysis, explanations = [] }: RunReport): string {
  const sections = [
    analysis && scores(analysis),
    analysis?.usage && usageSection(analysis.usage),
    analysis?.swap && swapSection(analysis.swap),
    metrics.length > 0 && section("Training", `<div class="grid-of">${curves(metrics).join("\n")}</div>`),
    explanations.length > 0 &&
      section("What answers rest on", explanations.map(explanationSection).join("\n")),
    config && section("Settings", settings(config)),
  ];
  const lead = [
    metrics.length > 0 ? `${metrics.at(-1)!.step} steps` : undefined,
    analysis ? `${analysis.count} examples` : undefined,
  ];
  return page(name, lead.filter(Boolean).join(", "), sections.filter(Boolean).join("\n"));
}

/** One explained answer as a page of its own. */
export function renderExplanation(explanation: Explanation): string {
  return page("Why this answer", explanation.prediction.answer, explanationSection(explanation));
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function scores({ f1, exactMatch, termAccuracy, byType, byDigits, otherDigits }: ReaderAnalysis): string {
  const digits = (name: string) => `${name} digit${name === "1" ? "" : "s"}`;
  const tiles = [
    ["F1", f1],
    ["Exact match", exactMatch],
    ["Term accuracy", termAccuracy],
  ] as const;
  const shown = tiles.flatMap(([name, value]) =>
    value === undefined ? [] : [`<div class="tile"><b>${percent(value)}</b><span>${name}</span></div>`],
  );
  const charts = [
    byType.length > 0 && scoreBars("By type of question", byType, (name) => name),
    scoreBars("By digits of the longest number", byDigits, digits),
    otherDigits && scoreBars("The same task with numbers of other lengths", otherDigits, digits),
  ];
  return section(
    "Scores",
    `<div class="tiles">${shown.join("")}</div><div class="grid-of">${charts.filter(Boolean).join("\n")}</div>`,
  );
}

function scoreBars(title: string, groups: readonly GroupScores[], nameOf: (name: string) => string): string {
  return barChart({
    title,
    series: ["F1", "exact match", "term accuracy"],
    groups: groups.map(({ name, count, f1, exactMatch, termAccuracy }) => ({
      name: nameOf(name),
      note: `${count} examples`,
      values: [f1, exactMatch, termAccuracy],
    })),
  });
}

function usageSection({
  called,
  sources,
  certainty,
  permutation,
}: NonNullable<ReaderAnalysis["usage"]>): string {
  const where = barChart({
    title: "Where answers were read",
    series: ["share of answers"],
    groups: Object.entries(sources).map(([name, value]) => ({
      name: name === "function" ? "function's result" : name,
      values: [value],
    })),
  });
  const asked = barChart({
    title: "Calls",
    series: ["share"],
    groups: [
      { name: "examples that call", values: [called] },
      { name: "certainty of a call", values: [certainty] },
    ],
  });
  const permuted =
    permutation &&
    barChart({
      title: "F1 with the own result, and with another example's",
      series: ["F1"],
      groups: [
        { name: "own result", note: `${permutation.count} examples`, values: [permutation.f1] },
        {
          name: "another's result",
          note: `drop ${percent(permutation.drop)}`,
          values: [permutation.permutedF1],
        },
      ],
    });
  return section(
    "Use of the function",
    `<div class="grid-of">${[where, asked, permuted].filter(Boolean).join("\n")}</div>`,
  );
}

function swapSection({
  count,
  originalF1,
  swappedF1,
  consistent,
  unmoved,
}: NonNullable<ReaderAnalysis["swap"]>): string {
  const chart = barChart({
    title: "The same questions with two numbers in each other's place",
    series: ["share"],
    groups: [
      { name: "F1 as they are", note: `${count} pairs`, values: [originalF1] },
      { name: "F1 swapped", values: [swappedF1] },
      { name: "both right", values: [consistent] },
      { name: "answer did not move", values: [unmoved] },
    ],
  });
  return section("Do answers follow the numbers?", `<div class="grid-of">${chart}</div>`);
}

function curves(metrics: readonly MetricsRecord[]): string[] {
  return CURVES.map(({ title, fields, ...options }) => {
    const series = Object.entries(fields).map(([field, name]): LineSeries => {
      const points = metrics.flatMap((record) => {
        const value = record[field];
        return typeof value === "number" ? [[record.step, value] as const] : [];
      });
      return { name, points };
    });
    const present = series.filter(({ points }) => points.length > 0);
    return present.length === 0 ? "" : lineChart({ title, xLabel: "step", series: present, ...options });
  }).filter((chart) => chart !== "");
}

function settings(config: Readonly<Record<string, unknown>>): string {
  const rows = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, child]) => rows(child, path === "" ? name : `${path}.${name}`))
      : [`<dt>${escapeHtml(path)}</dt><dd>${escapeHtml(JSON.stringify(value))}</dd>`];
  return `<div class="facts"><dl>${rows(config, "").join("")}</dl></div>`;
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
