// npm run bench -- NAME [--json] [options of the benchmark]: one file a benchmark, default export `run(options)`.
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const folder = fileURLToPath(new URL("./cases/", import.meta.url));
const names = (await readdir(folder))
  .filter((file) => file.endsWith(".mjs"))
  .map((file) => file.slice(0, -4));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean" },
    runs: { type: "string" },
    seeds: { type: "string" },
    threads: { type: "string" },
    cases: { type: "string" },
    peers: { type: "string" },
    help: { type: "boolean" },
  },
});
const name = positionals[0] ?? "reader-step";
if (values.help || !names.includes(name)) {
  console.error(
    `usage: npm run bench -- [NAME] [--json] [--runs N] [--seeds N|A,B,...] [--threads N] [--cases A,...] [--peers NAME,...]\nbenchmarks: ${names.join(", ")}`,
  );
  process.exit(values.help ? 0 : 2);
}

const runs = positive("runs", values.runs) ?? 3;
const threads = positive("threads", values.threads);
const { run } = await import(`./cases/${name}.mjs`);
const result = await run({
  runs,
  threads,
  seeds: values.seeds,
  cases: values.cases,
  peers: values.peers,
  log: (line) => console.error(line),
});
if (values.json) {
  console.log(JSON.stringify(result, null, 2));
} else {
  console.log(`${name}: ${result.what}`);
  console.table(result.rows);
  for (const line of result.notes ?? []) console.log(line);
}
if (result.failed) process.exitCode = 1;

function positive(option, text) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`E_USAGE --${option} must be a positive integer, got ${text}`);
  process.exit(2);
}
