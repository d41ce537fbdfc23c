#!/usr/bin/env node
// Trains word vectors in a worker of a real browser, from a page that is cross-origin isolated and one that is not, and
// compares them with Node's. The packages must be built.
//   node scripts/check-browser.mjs CHROMIUM      (a Chromium or Chrome; headless, on loopback)
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import * as embeddings from "@symgrad/embeddings";
import { build } from "esbuild";
import { inTemporaryFolder, root } from "./workspace.mjs";

const MOST_SECONDS = 120;
const [chromium] = process.argv.slice(2);
if (!chromium) throw new Error("name a browser: node scripts/check-browser.mjs /usr/bin/chromium");

/** Sentences of 20 words, of which those of a topic stand together. */
const corpus = Array.from({ length: 20_000 }, (_, line) => {
  const topic = (line * 7919) % 100;
  return Array.from({ length: 20 }, (_, i) => `w${topic}_${(line * 31 + i * 17) % 11}`).join(" ");
}).join("\n");
const options = { dimension: 100, epochs: 3, minCount: 1 };

/** What the page's worker runs; it is bundled with the package. */
const worker = `
  import { decodeWordVectors, encodeWordVectors, textSource, trainWord2Vec } from "@symgrad/embeddings";
  const corpus = textSource(() => fetch("/corpus.txt"));
  const rows = [];
  for (const threads of [1, 2]) {
    const started = performance.now();
    try {
      const model = await trainWord2Vec(corpus, { ...${JSON.stringify(options)}, threads });
      const seconds = (performance.now() - started) / 1000;
      const { words, values } = await decodeWordVectors(encodeWordVectors(model.vectors));
      rows.push({ threads, words: words.length, read: model.progress.words, seconds, values: [...values] });
    } catch (error) {
      rows.push({ threads, error: String(error.message) });
    }
  }
  const about = { isolated: crossOriginIsolated, browser: navigator.userAgent };
  await fetch("/result", { method: "POST", body: JSON.stringify({ ...about, rows }) });
`;

const { outputFiles } = await build({
  stdin: { contents: worker, resolveDir: root },
  ...{ bundle: true, platform: "browser", format: "esm", write: false, minify: true },
  tsconfigRaw: {}, // the packages' own would lead to their sources
});
const script = outputFiles[0].text;
console.log(`the worker's bundle: ${Math.round(script.length / 1000)} kB, minified`);

console.log(`Node ${process.version}`);
const [expected] = [await inNode(1), await inNode(2)];
for (const isolated of [true, false]) {
  const result = await resultOf(isolated);
  console.log(`${result.browser}, isolated: ${result.isolated}`);
  expect(result.isolated === isolated, `the page says that isolated is ${result.isolated}`);
  const [one, two] = result.rows;
  describe(one);
  const furthest = one.values?.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - expected.vectors.values[i])),
    0,
  );
  console.log(`  one thread: at most ${furthest} from Node's numbers`);
  expect(furthest < 1e-3, "one thread gave other vectors than Node"); // engines may fuse multiply-add or not
  describe(two);
  if (isolated) expect(two.values?.every(Number.isFinite) && two.read === one.read, "two threads failed");
  else expect(/not cross-origin isolated/.test(two.error), "two threads were not refused");
}

async function inNode(threads) {
  const started = performance.now();
  const model = await embeddings.trainWord2Vec(embeddings.textSource(corpus), { ...options, threads });
  const seconds = (performance.now() - started) / 1000;
  describe({ threads, words: model.vectors.size, read: model.progress.words, seconds });
  return model;
}

function describe({ threads, words, read, seconds, error }) {
  const did = `${words} words, ${read} read in ${seconds?.toFixed(2)} s (${Math.round(read / seconds / 1000)},000 a second)`;
  console.log(`  threads ${threads}: ${error ?? did}`);
}

function expect(holds, sentence) {
  if (holds) return;
  console.log(`FAIL  ${sentence}`);
  process.exitCode = 1;
}

/** Serves the page and gives what its worker found. */
async function resultOf(isolated) {
  const headers = isolated
    ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" }
    : {};
  const files = {
    "/": ["text/html", '<script type="module">new Worker("/worker.js", { type: "module" })</script>'],
    "/worker.js": ["text/javascript", script],
    "/corpus.txt": ["text/plain", corpus],
  };
  let found;
  const result = new Promise((resolve) => {
    found = resolve;
  });
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let body = "";
      for await (const piece of request.setEncoding("utf8")) body += piece;
      found(JSON.parse(body));
      return response.end();
    }
    const [type, text] = files[request.url] ?? [];
    response.writeHead(text === undefined ? 404 : 200, { "Content-Type": type ?? "text/plain", ...headers });
    return response.end(text);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await inTemporaryFolder((folder) => browse(server.address().port, folder, result));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function browse(port, folder, result) {
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(folder, "profile")}`];
  const browser = spawn(chromium, [...flags, `http://127.0.0.1:${port}/`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let printed = "";
  browser.stderr.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  const ended = new Promise((resolve) => browser.on("exit", resolve));
  let timer;
  try {
    return await Promise.race([
      result,
      ended.then((status) => Promise.reject(new Error(`the browser ended (${status})\n${printed}`))),
      new Promise((_, reject) => {
        const late = new Error(`no result after ${MOST_SECONDS} s\n${printed}`);
        timer = setTimeout(reject, MOST_SECONDS * 1000, late);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    browser.kill();
    await ended.catch(() => {});
  }
}
