#!/usr/bin/env node
// Tests what ships: packs every publishable package, checks the tarball, installs it alone in an empty folder and
// uses it there. The packages must be built.
//   node scripts/check-packages.mjs [PACKAGE...]      (all of them by default; names without the scope)
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import ts from "typescript";
import { inTemporaryFolder, publishablePackages, run, tool } from "./workspace.mjs";

const packages = publishablePackages();
const chosen = process.argv.slice(2);
let failures = 0;

await inTemporaryFolder(async (temporary) => {
  const tarballs = {};
  for (const entry of packages) tarballs[entry.name] = await pack(entry, join(temporary, "tarballs"));
  for (const entry of packages) {
    if (chosen.length > 0 && !chosen.includes(entry.name.split("/")[1])) continue;
    const consumer = join(temporary, entry.name.split("/")[1]);
    await check(entry, "publint", () => run(tool("publint"), [tarballs[entry.name], "--strict"]));
    if (entry.manifest.exports["."]) {
      await check(entry, "are the types wrong", () =>
        run(tool("attw"), [tarballs[entry.name], "--no-color"]),
      );
    }
    if (!(await check(entry, "installs alone", () => install([entry.name], tarballs, consumer)))) continue;
    if (entry.manifest.exports["."]) {
      await check(entry, "imports as ESM and as CommonJS", () => compareModuleSystems(entry.name, consumer));
      await check(entry, "types resolve", () => resolveTypes(entry.name, consumer));
      await check(entry, "its README's example runs", () =>
        runReadmeExample(entry, tarballs, `${consumer}-example`),
      );
    }
    if (entry.manifest.exports["."]?.browser) {
      await check(entry, "bundles for a browser without Node", () => bundleForBrowser(entry.name, consumer));
    }
    if (entry.name === "@symgrad/embeddings") {
      await check(entry, "trains on two threads", () => trainInstalled(consumer));
      await check(entry, "trains in a bundle for a browser", () => trainInBrowserBundle(consumer));
    }
    if (entry.name === "@symgrad/qa-model") {
      await check(entry, "an exported reader answers in an empty folder", () =>
        runExportedReader(tarballs, join(temporary, "exported")),
      );
    }
    for (const binary of Object.keys(entry.manifest.bin ?? {})) {
      await check(entry, `${binary} --version`, () => answersVersion(entry, binary, consumer));
    }
  }
});
process.exitCode = failures === 0 ? 0 : 1;

async function check({ name }, what, work) {
  try {
    await work();
    console.log(`ok    ${name}: ${what}`);
    return true;
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}: ${what}\n${error.message.replace(/^/gm, "      ")}`);
    return false;
  }
}

/** `@symgrad/core` 0.1.0 -> `symgrad-core-0.1.0.tgz` in `destination`. */
async function pack({ name, folder, manifest }, destination) {
  await run(tool("pnpm"), ["pack", "--pack-destination", destination], { cwd: folder });
  return join(destination, `${name.slice(1).replace("/", "-")}-${manifest.version}.tgz`);
}

/** An empty project that depends on these packages only; ours come from their tarballs, all siblings included. */
async function install(names, tarballs, consumer) {
  mkdirSync(consumer);
  const local = Object.fromEntries(
    Object.entries(tarballs).map(([sibling, file]) => [sibling, `file:${file}`]),
  );
  const dependencies = Object.fromEntries(names.map((name) => [name, local[name] ?? "*"]));
  const manifest = { private: true, dependencies, pnpm: { overrides: local } };
  writeFileSync(join(consumer, "package.json"), JSON.stringify(manifest, undefined, 2));
  await run(tool("pnpm"), ["install", "--prefer-offline", "--ignore-workspace", "--ignore-scripts"], {
    cwd: consumer,
  });
}

async function compareModuleSystems(name, consumer) {
  const show = "console.log(Object.keys(all).filter((key) => key !== 'default').sort().join(' '))";
  const evaluate = (type, code) => run("node", [`--input-type=${type}`, "-e", code], { cwd: consumer });
  const imported = await evaluate("module", `import * as all from "${name}"; ${show}`);
  const required = await evaluate("commonjs", `const all = require("${name}"); ${show}`);
  if (imported !== required) throw new Error(`import gives ${imported}require gives ${required}`);
  if (imported.trim() === "") throw new Error("nothing is exported");
}

/** Type errors in the package's own declarations, or none at all found, seen from ESM and from CommonJS. */
function resolveTypes(name, consumer) {
  const files = ["esm.mts", "commonjs.cts"].map((file) => join(consumer, file));
  for (const file of files) writeFileSync(file, `import * as all from "${name}";\nexport { all };\n`);
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
  });
  const ours = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => !file || files.includes(file.fileName) || /[+/]@?symgrad[+/]/.test(file.fileName));
  if (ours.length > 0) throw new Error(ts.formatDiagnostics(ours, formatHost(consumer)));
}

function formatHost(folder) {
  return { getCurrentDirectory: () => folder, getCanonicalFileName: (file) => file, getNewLine: () => "\n" };
}

/** The code of a package and all it needs as a browser's bundler makes it: a script that sets `all`. */
async function bundleForBrowser(name, consumer) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: `export * from "${name}"`, resolveDir: consumer },
    ...{ bundle: true, platform: "browser", format: "iife", globalName: "all", minify: true },
    ...{ write: false, metafile: true, logLevel: "silent" },
  });
  const others = Object.keys(metafile.inputs).filter((file) => !/@symgrad[+/]|<stdin>/.test(file));
  if (others.length > 0) throw new Error(`the bundle holds ${others.join(", ")}`);
  return outputFiles[0].text;
}

/** Word vectors from the package as it was installed, its threads included. */
async function trainInstalled(consumer) {
  const code = `import { textLines, trainWord2Vec } from "@symgrad/embeddings";
    const corpus = textLines(Array(2000).fill("the cat sat on the mat"));
    const { vectors } = await trainWord2Vec(corpus, { dimension: 8, epochs: 2, threads: 2 });
    console.log(vectors.size, vectors.values.some((value) => Math.abs(value) > 0.1));`;
  const answer = await run("node", ["--input-type=module", "-e", code], { cwd: consumer });
  if (answer !== "5 true\n") throw new Error(`answered ${answer}, wanted 5 words that moved`);
}

/** With what a browser's worker has, and nothing of Node. */
async function trainInBrowserBundle(consumer) {
  const code = await bundleForBrowser("@symgrad/embeddings", consumer);
  const globals = { TextEncoder, TextDecoder, Blob, MessageChannel, performance, atob };
  const all = runInNewContext(`${code}; all`, globals);
  const corpus = all.textSource("the cat sat on the mat\n".repeat(100));
  const { vectors } = await all.trainWord2Vec(corpus, { dimension: 8, epochs: 1 });
  const read = await all.decodeWordVectors(all.encodeWordVectors(vectors));
  if (read.size !== 5 || !read.values.some((value) => Math.abs(value) > 0)) {
    throw new Error(`trained ${read.size} words to ${read.values}`);
  }
}

/** The first JavaScript block, in a folder where the README's own `npm install` line was followed. */
async function runReadmeExample({ folder }, tarballs, consumer) {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1];
  const named = /npm install (.+)/.exec(readme)?.[1].split(" ");
  if (!code || !named) throw new Error("README.md holds no `npm install` line or no JavaScript example");
  await install(named, tarballs, consumer);
  writeFileSync(join(consumer, "example.mjs"), code);
  await run("node", ["example.mjs"], { cwd: consumer });
}

/** One project exports a reader, another one that only has the package opens what it wrote. */
async function runExportedReader(tarballs, consumer) {
  const answer = (code) => `
    const data = [...generateSynthetic({ type: "max", transfer: true, people: 3, digits: 2, count: 4, seed: 1 })];
    ${code}
    const predictions = await reader.predict(data);
    console.log(JSON.stringify(predictions.map(({ answer, calls }) => [answer, calls[0].result])));`;
  const steps = {
    writer: `import { initBackend, key } from "@symgrad/core";
      import { createReader, exportReader, generateSynthetic } from "@symgrad/qa-model";
      import { calculator, createRegistry } from "@symgrad/symbolic-plugins";
      await initBackend();
      ${answer(`const reader = createReader({ registry: createRegistry([calculator]), key: key(1) });
        await exportReader(reader, "../reader");`)}`,
    opener: `import { generateSynthetic, loadExportedReader } from "@symgrad/qa-model";
      ${answer(`const reader = await loadExportedReader("../reader");`)}`,
  };
  const names = {
    writer: ["@symgrad/qa-model", "@symgrad/core", "@symgrad/symbolic-plugins", "@tensorflow/tfjs"],
    opener: ["@symgrad/qa-model", "@tensorflow/tfjs"],
  };
  mkdirSync(consumer);
  const answers = {};
  for (const [step, code] of Object.entries(steps)) {
    const folder = join(consumer, step);
    await install(names[step], tarballs, folder);
    writeFileSync(join(folder, "run.mjs"), code);
    answers[step] = await run("node", ["run.mjs"], { cwd: folder });
  }
  const { writer, opener } = answers;
  if (writer !== opener) throw new Error(`the reader says ${writer}, what it exported ${opener}`);
}

async function answersVersion({ manifest }, binary, consumer) {
  const program = join(consumer, "node_modules", ".bin", binary);
  const answer = (await run(program, ["--version"], { cwd: consumer })).trim();
  if (answer !== manifest.version) throw new Error(`answered ${answer}, wanted ${manifest.version}`);
}
