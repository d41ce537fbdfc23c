import { escapeHtml } from "@symgrad/core";
import { shortNumber, ticks } from "./ticks";

export interface LineSeries {
  name: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface LineChartOptions {
  title: string;
  xLabel: string;
  series: readonly LineSeries[];
  /** Bounds of the vertical axis; default: what the points need, 0 included. */
  range?: readonly [low: number, high: number];
}

const WIDTH = 560;
const HEIGHT = 240;
const MARGIN = { left: 52, right: 116, top: 12, bottom: 38 };
/** More points than this are averaged in portions: one cannot see more on a chart of this width. */
const MOST_POINTS = 160;

/** Curves with their names at their ends, as a figure with an inline SVG and its numbers as a table. */
export function lineChart({ title, xLabel, series, range }: LineChartOptions): string {
  const drawn = series.map(({ name, points }) => ({ name, points: averaged(points.filter(isFinitePoint)) }));
  const all = drawn.flatMap(({ points }) => points);
  if (all.length === 0) return "";
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const yTicks = range ? ticks(...range) : ticks(Math.min(0, ...ys), Math.max(...ys));
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [low, high] = [yTicks[0]!, yTicks.at(-1)!];
  const x = (value: number) =>
    MARGIN.left + ((value - left) / (right - left || 1)) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number) =>
    HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const grid = yTicks.map(
    (
      tick,
    ) => `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/>
<text class="tick" x="${MARGIN.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${shortNumber(tick)}</text>`,
  );
  const bottom = ticks(left, right)
    .filter((tick) => tick >= left && tick <= right)
    .map(
      (tick) =>
        `<text class="tick" x="${at(x(tick))}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${shortNumber(tick)}</text>`,
    );
  const names = apart(drawn.map(({ points }) => y(points.at(-1)?.[1] ?? low)));
  const lines = drawn.map(({ name, points }, i) => {
    const path = points.map(([px, py]) => `${at(x(px))},${at(y(py))}`).join(" ");
    const [lastX, lastY] = points.at(-1)!;
    return `<polyline class="line c${i}" points="${path}"/>
<circle class="dot c${i}" cx="${at(x(lastX))}" cy="${at(y(lastY))}" r="3"><title>${escapeHtml(name)}: ${shortNumber(lastY)} at ${shortNumber(lastX)}</title></circle>
<text class="name" x="${at(x(lastX) + 10)}" y="${at(names[i]! + 4)}">${escapeHtml(name)} <tspan class="value">${shortNumber(lastY)}</tspan></text>`;
  });
  const summary = drawn
    .map(
      ({ name, points }) => `${name} from ${shortNumber(points[0]![1])} to ${shortNumber(points.at(-1)![1])}`,
    )
    .join("; ");
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title}: ${summary}`)}">
${grid.join("\n")}
${bottom.join("\n")}
<text class="tick" x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>
${lines.join("\n")}
</svg>
${numbers(xLabel, drawn)}</figure>`;
}

const at = (value: number) => value.toFixed(1);
const isFinitePoint = ([x, y]: readonly [number, number]) => Number.isFinite(x) && Number.isFinite(y);

/** Means of equal portions, at their last place. */
function averaged(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const size = Math.ceil(points.length / MOST_POINTS);
  if (size <= 1) return [...points];
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const part = points.slice(i * size, (i + 1) * size);
    return [part.at(-1)![0], part.reduce((sum, [, y]) => sum + y, 0) / part.length] as const;
  });
}

/** Heights moved down where they are closer than a line of text. */
function apart(heights: readonly number[]): number[] {
  const order = heights.map((height, i) => ({ height, i })).sort((a, b) => a.height - b.height);
  const moved = [...heights];
  let last = Number.NEGATIVE_INFINITY;
  for (const { height, i } of order) {
    last = Math.max(height, last + 15);
    moved[i] = last;
  }
  return moved;
}

/** A dozen rows at most. */
function numbers(xLabel: string, series: readonly LineSeries[]): string {
  const places = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const shown = places.filter((_, i) => i % Math.ceil(places.length / 12) === 0 || i === places.length - 1);
  const rows = shown.map((place) => {
    const cells = series.map(({ points }) => {
      const point = points.find(([x]) => x === place);
      return `<td>${point ? shortNumber(point[1]) : ""}</td>`;
    });
    return `<tr><th scope="row">${shortNumber(place)}</th>${cells.join("")}</tr>`;
  });
  const head = series.map(({ name }) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  return `<details><summary>Numbers</summary><table><thead><tr><th scope="col">${escapeHtml(xLabel)}</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></details>`;
}
