import type { DuckDBConnection } from "@duckdb/node-api";
import { SymgradError } from "@symgrad/core";
import { type Cooccurrences, RECORD } from "./cooccurrences";

/** Rows of a DuckDB chunk. */
const ROWS = 2048;

/**
 * Writes what one shard counted as a Parquet file (word, context, weight), through DuckDB. The file appears whole or not
 * at all.
 *
 * @throws SymgradError `E_PEER` if @duckdb/node-api is not installed; `E_FILE` if the file cannot be written.
 */
export async function saveShard(cooccurrences: Cooccurrences, path: string): Promise<void> {
  const { default: fs } = await import("node:fs/promises");
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await withDuckDB(async (connection, { DuckDBDataChunk, INTEGER, DOUBLE }) => {
      await connection.run("create table pairs (word integer, context integer, weight double)");
      const appender = await connection.createAppender("pairs");
      for await (const piece of cooccurrences.records()) {
        for (let at = 0; at < piece.length; at += ROWS * RECORD) {
          const columns = columnsOf(piece.subarray(at, at + ROWS * RECORD));
          const chunk = DuckDBDataChunk.create([INTEGER, INTEGER, DOUBLE], columns[0].length);
          chunk.setColumns(columns);
          appender.appendDataChunk(chunk);
        }
      }
      appender.closeSync();
      await connection.run(`copy pairs to ${quoted(temporary)} (format parquet)`);
    });
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw reported(error, `${path} cannot be written`);
  }
}

/**
 * Adds up shards that {@link saveShard} wrote, through DuckDB, which goes to disk when memory is short. All shards of a
 * count together give what one run gives, bit by bit. Dispose of the result.
 *
 * @throws SymgradError `E_PEER` if @duckdb/node-api is not installed; `E_FILE` if a file cannot be read or is no shard.
 */
export async function mergeShards(
  paths: readonly string[],
  { folder }: { folder?: string | undefined } = {},
): Promise<Cooccurrences> {
  if (paths.length === 0) throw new SymgradError("E_FILE", "no shards are named", { where: "mergeShards" });
  const { default: fs } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const place = await fs.mkdtemp(join(folder ?? tmpdir(), "symgrad-shards-"));
  const { DuckDBInstance } = await duckDB();
  const instance = await DuckDBInstance.create(join(place, "pairs.duckdb"));
  const connection = await instance.connect();
  const dispose = async () => {
    connection.closeSync();
    instance.closeSync();
    await fs.rm(place, { recursive: true, force: true });
  };
  try {
    const files = `[${paths.map(quoted).join(", ")}]`;
    await connection.run(
      `create table pairs as select word, context, sum(weight) as weight from read_parquet(${files}) group by word, context`,
    );
    const counted = await connection.runAndReadAll("select count(*) from pairs");
    return { count: Number(counted.getRows()[0]![0]), records: () => recordsOf(connection), dispose };
  } catch (error) {
    await dispose();
    throw reported(error, `the shards ${paths.join(", ")} cannot be added up`);
  }
}

async function* recordsOf(connection: DuckDBConnection): AsyncGenerator<Uint8Array> {
  const result = await connection.stream("select word, context, weight from pairs order by word, context");
  const piece = new Uint8Array(ROWS * RECORD);
  const view = new DataView(piece.buffer);
  for (
    let chunk = await result.fetchChunk();
    chunk && chunk.rowCount > 0;
    chunk = await result.fetchChunk()
  ) {
    const [words, contexts, weights] = [0, 1, 2].map((column) => chunk!.getColumnValues(column) as number[]);
    for (let row = 0; row < chunk.rowCount; row++) {
      view.setInt32(row * RECORD, words![row]!, true);
      view.setInt32(row * RECORD + 4, contexts![row]!, true);
      view.setFloat64(row * RECORD + 8, weights![row]!, true);
    }
    yield piece.subarray(0, chunk.rowCount * RECORD);
  }
}

function columnsOf(records: Uint8Array): [number[], number[], number[]] {
  const columns: [number[], number[], number[]] = [[], [], []];
  const view = new DataView(records.buffer, records.byteOffset, records.length);
  for (let at = 0; at < records.length; at += RECORD) {
    columns[0].push(view.getInt32(at, true));
    columns[1].push(view.getInt32(at + 4, true));
    columns[2].push(view.getFloat64(at + 8, true));
  }
  return columns;
}

type DuckDB = typeof import("@duckdb/node-api");

async function withDuckDB(
  work: (connection: DuckDBConnection, duckdb: DuckDB) => Promise<void>,
): Promise<void> {
  const duckdb = await duckDB();
  const instance = await duckdb.DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    await work(connection, duckdb);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function duckDB(): Promise<DuckDB> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new SymgradError("E_PEER", "shards are added up by DuckDB, which is not installed", {
      hint: "npm install @duckdb/node-api",
      cause,
    });
  }
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}

function reported(error: unknown, what: string): SymgradError {
  if (error instanceof SymgradError) return error;
  const { message } = error as Error;
  const full = /no space left|disk quota/i.test(message);
  return new SymgradError(full ? "E_DISK" : "E_FILE", `${what}: ${message}`, {
    hint: "check the path and the space on the disk; shards come from embed cooccur --shard i/n --output NAME.parquet",
    cause: error,
  });
}
