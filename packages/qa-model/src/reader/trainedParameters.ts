import { SymgradError } from "@symgrad/core";
import type * as tf from "@tensorflow/tfjs";
import { storedName } from "../checkpoint/bertNames";
import type { Reader } from "./reader";

/**
 * What one training teaches. "terms": which arguments to call the function with, from the argument loss alone; nothing is
 * read. "reader": to read text and result, from the end loss alone, with the arguments that are chosen now. "all": both
 * at once. Both parts share the encoder, which either trains.
 */
export type TrainedPart = "all" | "terms" | "reader";

export const TRAINED_PARTS: readonly string[] = ["all", "terms", "reader"] satisfies TrainedPart[];

export interface TrainedParameters {
  /** Those that learn, under their names in `model.safetensors`. */
  parameters: Map<string, tf.Variable>;
  /** Whether a parameter belongs to a head, not to the encoder. */
  isHead: (name: string) => boolean;
}

/**
 * The parameters that a training teaches.
 *
 * @param options.freezeLayers The embeddings and this many layers, from the lowest, stay as they are; undefined: none.
 * @throws SymgradError `E_RANGE` if the encoder has fewer layers.
 */
export function trainedParameters(
  reader: Reader,
  options: { train: TrainedPart; freezeLayers?: number | undefined },
): TrainedParameters {
  const { train, freezeLayers } = options;
  const { num_hidden_layers: layers, model_type: modelType } = reader.config;
  if (freezeLayers !== undefined && freezeLayers > layers) {
    throw new SymgradError(
      "E_RANGE",
      `trainReader: \`freezeLayers\` is ${freezeLayers}, and the encoder has ${layers} layers.`,
    );
  }
  const learns = (name: string) => {
    if (/^(?:terms|laterTerms)\./.test(name)) return train !== "reader";
    if (/^(?:span|answerTypes|count|tags)\./.test(name)) return train !== "terms";
    if (freezeLayers === undefined) return true;
    const layer = /^encoder\.layers\.layers\.(\d+)\./.exec(name)?.[1];
    // A norm behind the last layer belongs to it.
    return layer === undefined
      ? /^encoder\.layers\./.test(name) && freezeLayers < layers
      : Number(layer) >= freezeLayers;
  };
  const named = [...reader.model.parameters()].map(
    ([name, variable]) => ({ name, variable, stored: storedName(name, modelType) }) as const,
  );
  const heads = new Set(named.filter(({ name }) => !name.startsWith("encoder.")).map(({ stored }) => stored));
  return {
    parameters: new Map(
      named.filter(({ name }) => learns(name)).map(({ stored, variable }) => [stored, variable]),
    ),
    isHead: (name) => heads.has(name),
  };
}
