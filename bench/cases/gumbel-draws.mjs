// A thousand million Gumbel draws: none may be NaN or infinite, and they must follow the law exp(-exp(-g)).
import { gumbelData, key } from "@symgrad/core";

const DRAWS = 1e9;
const BATCH = 1e6;
/** Cells of the chi-square test: 1/32 wide, from -3 to 13; what lies outside is one cell on each side. */
const [LOW, HIGH, PER_UNIT] = [-3, 13, 32];
const EULER = 0.5772156649015329;

export async function run({ seeds, log }) {
  const seed = Number(seeds ?? 0);
  const root = key(seed);
  const inner = (HIGH - LOW) * PER_UNIT;
  const seen = {
    counts: new Float64Array(inner + 2),
    refused: 0,
    least: Infinity,
    largest: -Infinity,
    sum: 0,
    squares: 0,
  };
  for (let batch = 0; batch < DRAWS / BATCH; batch++) {
    count(seen, gumbelData(root.fold(batch), BATCH), inner);
    if (batch % 50 === 49) log(`gumbel-draws: ${(batch + 1) * BATCH} of ${DRAWS}`);
  }
  const { counts, refused, least, largest, sum, squares } = seen;
  const law = (g) => Math.exp(-Math.exp(-g));
  const edges = Array.from({ length: inner + 1 }, (_, i) => LOW + i / PER_UNIT);
  const below = [0, ...edges.map(law), 1];
  let [chiSquare, cumulative, distance] = [0, 0, 0];
  for (const [cell, count] of counts.entries()) {
    const expected = DRAWS * (below[cell + 1] - below[cell]);
    chiSquare += (count - expected) ** 2 / expected;
    cumulative += count;
    distance = Math.max(distance, Math.abs(cumulative / DRAWS - below[cell + 1]));
  }
  const degrees = counts.length - 1;
  const mean = sum / DRAWS;
  const variance = squares / DRAWS - mean ** 2;
  const row = {
    case: "Gumbel(0, 1)",
    seed,
    draws: DRAWS,
    nanOrInfinite: refused,
    least,
    largest,
    // In standard errors: the variance is pi^2 / 6, the fourth central moment 27/5 of its square.
    meanError: ((mean - EULER) / Math.sqrt(Math.PI ** 2 / 6)) * Math.sqrt(DRAWS),
    varianceError: ((variance / (Math.PI ** 2 / 6) - 1) / Math.sqrt(22 / 5)) * Math.sqrt(DRAWS),
    chiSquare,
    degrees,
    // Wilson and Hilferty 1931: the cube root of chi-square / degrees is nearly normal.
    chiSquareDeviation:
      (Math.cbrt(chiSquare / degrees) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees)),
    // At the cells' edges; above 1.95 once in a thousand seeds.
    kolmogorovSmirnov: distance * Math.sqrt(DRAWS),
  };
  return {
    what: "Gumbel draws: none NaN or infinite; mean and variance in standard errors, chi-square in standard deviations",
    rows: [row],
    failed:
      refused > 0 ||
      [row.meanError, row.varianceError, row.chiSquareDeviation].some((error) => !(Math.abs(error) < 4)) ||
      !(row.kolmogorovSmirnov < 1.95),
  };
}

function count(seen, draws, inner) {
  const { counts } = seen;
  let { refused, least, largest, sum, squares } = seen;
  for (let i = 0; i < draws.length; i++) {
    const g = draws[i];
    if (!(g - g === 0)) {
      refused++; // NaN or infinite
      continue;
    }
    least = Math.min(g, least);
    largest = Math.max(g, largest);
    sum += g;
    squares += g * g;
    const cell = (((g - LOW) * PER_UNIT) | 0) + 1;
    counts[g < LOW ? 0 : cell > inner ? inner + 1 : cell]++;
  }
  Object.assign(seen, { refused, least, largest, sum, squares });
}
