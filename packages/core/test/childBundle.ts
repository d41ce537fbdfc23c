import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";

const here = dirname(fileURLToPath(import.meta.url));
const core = dirname(here);

/**
 * Bundles a script of this folder, with core's sources, so that plain Node runs it in a process of its own. It lies in
 * a temporary folder whose `node_modules` holds only what is linked there.
 *
 * @param script File name in this folder.
 * @returns The folder (the caller removes it) and the path of the script.
 */
export async function bundleForChild(script: string): Promise<{ folder: string; path: string }> {
  const folder = await fs.mkdtemp(join(tmpdir(), "symgrad-child-"));
  const backend = join(core, "../tfjs-backend-onnxruntime");
  await build({
    entry: { child: join(here, script) },
    outDir: folder,
    format: "esm",
    outExtension: () => ({ js: ".mjs" }),
    platform: "node",
    target: "node20",
    config: false,
    silent: true,
    dts: false,
    noExternal: [/^@symgrad\//],
    external: [/^@tensorflow\//, "onnxruntime-node"],
    esbuildOptions(options) {
      options.alias = { "@symgrad/tfjs-backend-onnxruntime": join(backend, "src/index.ts") };
    },
  });
  for (const [name, from] of [
    ["@tensorflow/tfjs", core],
    ["@tensorflow/tfjs-backend-wasm", core],
    ["@tensorflow/tfjs-backend-cpu", backend],
    ["onnxruntime-node", backend],
  ] as const) {
    const link = join(folder, "node_modules", name);
    await fs.mkdir(dirname(link), { recursive: true });
    await fs.symlink(await fs.realpath(join(from, "node_modules", name)), link);
  }
  return { folder, path: join(folder, "child.mjs") };
}
