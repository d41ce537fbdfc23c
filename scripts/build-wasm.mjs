#!/usr/bin/env node
// Compiles the packages' WebAssembly kernels from their AssemblyScript sources and embeds each, as base64, in the
// TypeScript file that ships:
//   node scripts/build-wasm.mjs [--check]      (--check writes nothing; exit status 1 if a file is out of date)
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, run, tool } from "./workspace.mjs";

/** The kernel runs on threads that share one memory, which the caller makes. */
const shared = ["--enable", "threads", "--importMemory", "--sharedMemory", "--maximumMemory", "65536"];
/** Fused multiply-add, where the engine knows it (Node from 22 on). */
const relaxed = ["--enable", "relaxed-simd"];

/** One line per kernel: its source, the file that embeds it, and options beyond the common ones. */
const kernels = [
  [
    "packages/tfjs-backend-onnxruntime/wasm/matMul.ts",
    "packages/tfjs-backend-onnxruntime/src/eager/plain/matMulWasm.ts",
  ],
  ["packages/core/wasm/random.ts", "packages/core/src/random/randomWasm.ts"],
  ["packages/embeddings/wasm/exact.ts", "packages/embeddings/src/search/exactWasm.ts"],
  ["packages/embeddings/wasm/hnsw.ts", "packages/embeddings/src/search/hnswWasm.ts"],
  ["packages/embeddings/wasm/wordTable.ts", "packages/embeddings/src/vocabulary/wordTableWasm.ts"],
  ["packages/embeddings/wasm/word2vec.ts", "packages/embeddings/src/word2vec/word2vecWasm.ts", shared],
  [
    "packages/embeddings/wasm/word2vec.ts",
    "packages/embeddings/src/word2vec/word2vecRelaxedWasm.ts",
    [...shared, ...relaxed],
  ],
  ["packages/embeddings/wasm/cooccurrence.ts", "packages/embeddings/src/glove/cooccurrenceWasm.ts"],
  ["packages/embeddings/wasm/glove.ts", "packages/embeddings/src/glove/gloveWasm.ts", shared],
];

const check = process.argv.includes("--check");
for (const [source, target, options = []] of kernels) {
  const text = embed(source, target, await compile(source, options));
  const current = readIfPresent(join(root, target));
  if (check && text !== current) {
    console.error(`${target} is not what ${source} compiles to: run \`npm run build:wasm\` and commit it.`);
    process.exitCode = 1;
  } else if (!check) {
    writeFileSync(join(root, target), text);
  }
  console.log(`${check ? "checked" : "wrote"} ${target}`);
}

/** No runtime and no checks: a kernel is loops over memory that it owns. */
async function compile(source, extra) {
  const folder = mkdtempSync(join(tmpdir(), "symgrad-wasm-"));
  try {
    const binary = join(folder, "kernel.wasm");
    const options = ["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd", ...extra];
    await run(tool("asc"), [source, "--outFile", binary, ...options]);
    return readFileSync(binary);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function embed(source, target, binary) {
  const path = source.split("/").slice(2).join("/");
  const name = target.slice(target.lastIndexOf("/") + 1, -".ts".length);
  const lines = binary.toString("base64").match(/.{1,104}/g);
  const value = lines.map((line) => `  "${line}"`).join(" +\n");
  return `// Made by scripts/build-wasm.mjs from ${path}; ${binary.length} bytes.\nexport const ${name} =\n${value};\n`;
}

function readIfPresent(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
