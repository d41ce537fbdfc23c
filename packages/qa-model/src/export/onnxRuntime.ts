import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { loadOnnxRuntime, sessionOptions } from "@symgrad/core";

/** The part of onnxruntime-node, onnxruntime-web or onnxruntime-common that running a graph needs. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: string | Uint8Array, options?: object): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: "int64", data: BigInt64Array, dims: readonly number[]) => object;
}

export interface OnnxSession {
  run(feeds: Record<string, object>): Promise<Record<string, { readonly data: unknown }>>;
  release(): Promise<void>;
}

export interface OnnxRuntimeOptions {
  /** Default: onnxruntime-node. */
  runtime?: OnnxRuntime | undefined;
  /** Threads of a session of onnxruntime-node. Default: as many as the machine has cores. */
  threads?: number | undefined;
}

/** A graph that takes int64 inputs and gives float32 outputs. */
export interface OnnxModel {
  run(
    inputs: Record<string, { data: ArrayLike<number>; shape: readonly number[] }>,
  ): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

/**
 * Opens an ONNX file. onnxruntime-node reads weights beside it by itself; another runtime gets them as bytes.
 *
 * @param weights The file of the weights, if they are not inside.
 */
export async function openOnnxModel(
  file: string,
  weights: string | undefined,
  options: OnnxRuntimeOptions,
): Promise<OnnxModel> {
  const { runtime } = options;
  const ort = runtime ?? ((await loadOnnxRuntime()) as unknown as OnnxRuntime);
  const session = runtime
    ? await ort.InferenceSession.create(await readFile(file), {
        logSeverityLevel: 3,
        ...(weights === undefined ? {} : { externalData: [await externalData(file, weights)] }),
      })
    : await ort.InferenceSession.create(file, sessionOptions({ threads: options.threads ?? 0 }));
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
        name,
        new ort.Tensor("int64", BigInt64Array.from(data, BigInt), shape),
      ]);
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}

const externalData = async (file: string, weights: string) => ({
  path: basename(weights),
  data: await readFile(join(dirname(file), basename(weights))),
});
