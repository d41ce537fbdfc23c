import { escapeHtml } from "@symgrad/core";

export interface BarChartOptions {
  title: string;
  /** Names of the bars of each group. */
  series: readonly string[];
  groups: readonly {
    name: string;
    /** A line about the group, such as how many examples it has. */
    note?: string;
    /** Shares, 0 to 1, one per series; undefined where there is none. */
    values: readonly (number | undefined)[];
  }[];
}

const WIDTH = 560;
const LABELS = 150;
const BAR = 12;
const PLOT = WIDTH - LABELS - 60;

/** Shares as horizontal bars from 0 to 100 percent, each with its number, as a figure with an inline SVG. */
export function barChart({ title, series, groups }: BarChartOptions): string {
  const shown = series
    .map((name, i) => ({ name, i }))
    .filter(({ i }) => groups.some(({ values }) => values[i] !== undefined));
  let top = 4;
  const parts: string[] = [];
  const said: string[] = [];
  for (const { name, note, values } of groups) {
    const height = Math.max(shown.length * (BAR + 3), note ? 34 : 18);
    parts.push(
      `<text class="label" x="${LABELS - 10}" y="${top + 12}" text-anchor="end">${escapeHtml(name)}</text>`,
    );
    if (note) {
      parts.push(
        `<text class="tick" x="${LABELS - 10}" y="${top + 27}" text-anchor="end">${escapeHtml(note)}</text>`,
      );
    }
    for (const [row, { name: bar, i }] of shown.entries()) {
      const value = values[i];
      if (value === undefined) continue;
      const y = top + row * (BAR + 3) + 1;
      const percent = `${(100 * value).toFixed(1)}%`;
      said.push(`${name}, ${bar} ${percent}`);
      parts.push(`<rect class="bar c${row}" x="${LABELS}" y="${y}" width="${Math.max(1, PLOT * value).toFixed(1)}" height="${BAR}" rx="2"><title>${escapeHtml(`${name}: ${bar} ${percent}`)}</title></rect>
<text class="value" x="${(LABELS + PLOT * value + 6).toFixed(1)}" y="${y + BAR - 2}">${percent}</text>`);
    }
    top += height + 10;
  }
  const legend = shown.map(
    ({ name }, row) => `<li><span class="swatch c${row}"></span>${escapeHtml(name)}</li>`,
  );
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
${shown.length > 1 ? `<ul class="legend">${legend.join("")}</ul>` : ""}
<svg viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="${escapeHtml(`${title}: ${said.join("; ")}`)}">
<line class="grid" x1="${LABELS}" x2="${LABELS}" y1="0" y2="${top}"/>
${parts.join("\n")}
</svg></figure>`;
}
