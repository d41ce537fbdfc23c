import type { GradientReportRow } from "./gradientReport";

const [width, height, margin] = [860, 560, 60];

/**
 * Draws bias against standard deviation, one labeled dot per estimator. Both axes are square roots, so that 0 has a
 * place and the large values do not push the small ones together.
 *
 * @returns A complete SVG document.
 */
export function biasVarianceSvg(rows: readonly GradientReportRow[], title: string): string {
  const x = axis(Math.max(...rows.map(({ standardDeviation }) => standardDeviation)), width - 2 * margin);
  const y = axis(Math.max(...rows.map(({ bias }) => bias)), height - 2 * margin);
  const [bottom, right] = [height - margin, width - margin];
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(width / 2, 24, title, 'text-anchor="middle" font-size="15"'),
    `<path d="M${margin} ${margin}V${bottom}H${right}" fill="none" stroke="black"/>`,
    text(width / 2, height - 14, "standard deviation / |exact gradient|", 'text-anchor="middle"'),
    text(
      16,
      height / 2,
      "bias / |exact gradient|",
      `text-anchor="middle" transform="rotate(-90 16 ${height / 2})"`,
    ),
    ...x.ticks.map((tick) => text(margin + x.at(tick), bottom + 16, String(tick), 'text-anchor="middle"')),
    ...y.ticks.map((tick) => text(margin - 6, bottom - y.at(tick) + 4, String(tick), 'text-anchor="end"')),
    ...labeled(
      rows.map((row) => ({ row, x: margin + x.at(row.standardDeviation), y: bottom - y.at(row.bias) })),
    ),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

/** Positions on an axis whose length stands for sqrt(largest), and round numbers to mark on it. */
function axis(largest: number, length: number): { at(value: number): number; ticks: number[] } {
  const top = largest > 0 && Number.isFinite(largest) ? 1.05 * largest : 1;
  const at = (value: number) => length * Math.sqrt(Math.min(Math.max(value, 0), top) / top);
  const unit = 10 ** Math.floor(Math.log10(top));
  const ticks = [0, unit / 10, unit / 2, unit, 2 * unit, 5 * unit].filter((tick) => tick <= top);
  return { at, ticks: ticks.map((tick) => Number(tick.toPrecision(2))) };
}

interface Dot {
  row: GradientReportRow;
  x: number;
  y: number;
}

/** Labels to the right of their dots; one that would cover another or a dot moves up, and a line leads back. */
function labeled(dots: Dot[]): string[] {
  const taken = dots.map(({ x, y }) => ({ left: x - 5, right: x + 5, y }));
  return [...dots]
    .sort((a, b) => b.y - a.y || a.x - b.x)
    .flatMap(({ row, x, y }) => {
      const label = { left: x + 8, right: x + 8 + 6.5 * row.estimator.length, y };
      const covers = (other: (typeof taken)[number]) =>
        label.left < other.right && other.left < label.right && Math.abs(other.y - label.y) < 12;
      while (taken.some(covers)) label.y -= 2;
      taken.push(label);
      const color = row.bias <= 4 * row.standardError ? "#1b7837" : "#762a83";
      return [
        ...(y - label.y > 8
          ? [`<path d="M${round(x)} ${round(y)}L${round(x + 7)} ${round(label.y)}" stroke="#999"/>`]
          : []),
        `<circle cx="${round(x)}" cy="${round(y)}" r="4" fill="${color}"/>`,
        text(label.left, label.y + 4, row.estimator),
      ];
    });
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const safe = content.replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter]!);
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${safe}</text>`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
