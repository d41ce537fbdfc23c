/**
 * Pairs rows with columns, each at most once, so that the sum of the pairs' scores is highest.
 *
 * @param scores `[rows][columns]`, finite.
 * @returns For each row its column, or -1 where there are more rows than columns.
 * @see Kuhn 1955, "The Hungarian method for the assignment problem"; here with potentials and shortest paths, cubic in
 *   the longer side.
 */
export function maximumAssignment(scores: readonly (readonly number[])[]): number[] {
  const rows = scores.length;
  const columns = scores[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  const cost = (row: number, column: number) => -(scores[row - 1]?.[column - 1] ?? 0);
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  // Row of each column; column 0 holds the row that looks for a place.
  const rowOf = new Int32Array(size + 1);

  for (let row = 1; row <= size; row++) {
    rowOf[0] = row;
    let column = 0;
    const slack = new Float64Array(size + 1).fill(Infinity);
    const cameFrom = new Int32Array(size + 1);
    const visited = new Uint8Array(size + 1);
    do {
      visited[column] = 1;
      const from = rowOf[column]!;
      let step = Infinity;
      let next = 0;
      for (let other = 1; other <= size; other++) {
        if (visited[other]) continue;
        const reduced = cost(from, other) - rowPotential[from]! - columnPotential[other]!;
        if (reduced < slack[other]!) {
          slack[other] = reduced;
          cameFrom[other] = column;
        }
        if (slack[other]! < step) {
          step = slack[other]!;
          next = other;
        }
      }
      for (let other = 0; other <= size; other++) {
        if (visited[other]) {
          rowPotential[rowOf[other]!]! += step;
          columnPotential[other]! -= step;
        } else slack[other]! -= step;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const before = cameFrom[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }

  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column]!;
    if (row <= rows) columnOf[row - 1] = column - 1;
  }
  return columnOf;
}
