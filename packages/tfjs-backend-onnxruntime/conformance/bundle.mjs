import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * Bundles runTests.mjs. tfjs-core ships its tests as modules that Node cannot load as they are (no file extensions, no
 * "type": "module"); in one bundle they, the backends and ours meet in a single tfjs-core.
 */
export async function bundle(outfile) {
  const here = dirname(fileURLToPath(import.meta.url));
  const tfjs = createRequire(import.meta.url).resolve("@tensorflow/tfjs/package.json");
  const core = dirname(createRequire(tfjs).resolve("@tensorflow/tfjs-core/package.json"));
  await build({
    entryPoints: [join(here, "runTests.mjs")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    mainFields: ["module", "main"],
    // tfjs-core declares its tests free of side effects, so that they would be dropped.
    ignoreAnnotations: true,
    alias: {
      "@tensorflow/tfjs-core": core,
      "@symgrad/tfjs-backend-onnxruntime": join(here, "../src/index.ts"),
    },
    external: ["onnxruntime-node", "jasmine-core", "@tensorflow/tfjs-backend-wasm/package.json"],
    define: { "import.meta.url": "importMetaUrl" },
    banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
    logLevel: "error",
  });
}
