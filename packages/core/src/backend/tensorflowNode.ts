import util from "node:util";
import * as tf from "@tensorflow/tfjs";
import type { BackendDriver } from "./backendDriver";

/** Imports a package. A parameter of the driver so that bundlers and TypeScript do not look for an optional one. */
export type ImportPackage = (specifier: string) => Promise<unknown>;

const TF_NAME = "tensorflow";

const importPackage: ImportPackage = (specifier) =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ specifier);

/**
 * The native TensorFlow backends. Both are optional peers: found if the application installed one of them.
 * TensorFlow's own pool is sized by TF_NUM_INTRAOP_THREADS, which is set from `threads` unless the user set it.
 */
export function tensorflowNode(
  name: "tfjs-node" | "tfjs-node-gpu",
  load: ImportPackage = importPackage,
): BackendDriver {
  const specifier = `@tensorflow/${name}`;
  return {
    name,
    tfName: TF_NAME,
    fix: `npm install ${specifier}, or npm rebuild ${specifier} --build-addon-from-source if it is there and does not load`,
    async load(threads) {
      defineIsNullOrUndefined();
      process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
      let module: { version?: Record<string, string>; default?: { version?: Record<string, string> } };
      try {
        module = (await load(specifier)) as typeof module;
      } catch (error) {
        forgetKernels(); // registered before the import failed; the other package would trip over them
        if (isMissing(error, specifier)) return undefined;
        throw error;
      }
      const version = (module.version ?? module.default?.version)?.["tfjs-node"];
      return { version, threads: Number(process.env.TF_NUM_INTRAOP_THREADS) };
    },
  };
}

function forgetKernels(): void {
  if (tf.findBackendFactory(TF_NAME)) return;
  for (const { kernelName } of tf.getKernelsForBackend(TF_NAME)) tf.unregisterKernel(kernelName, TF_NAME);
}

/**
 * tfjs-node 4.22 calls a function that Node 23 removed from `util` (fixed upstream, never released). Defining it
 * before the import is enough, because both share the module's object.
 */
function defineIsNullOrUndefined(): void {
  const target = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  target.isNullOrUndefined ??= (value) => value === null || value === undefined;
}

/** Whether `error` says that this very package is not there, and not one that it needs. */
function isMissing(error: unknown, specifier: string): boolean {
  const message = error instanceof Error ? error.message : "";
  return (
    /Cannot find (package|module)|Failed to (load|resolve)/.test(message) &&
    message.includes(`'${specifier}'`)
  );
}
