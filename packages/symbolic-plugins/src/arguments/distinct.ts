import type { Position } from "./argumentSpace";

/**
 * `where: distinct` leaves out tuples that use one position of a list twice. Equal values at different positions
 * stay: a passage may hold the same number twice.
 */
export function distinct(_values: unknown, positions: Readonly<Record<string, Position>>): boolean {
  const seen = new Set(Object.values(positions).map(({ source, index }) => `${index} ${source}`));
  return seen.size === Object.keys(positions).length;
}
