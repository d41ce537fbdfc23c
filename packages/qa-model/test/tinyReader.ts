import { key } from "@symgrad/core";
import { calculator, createRegistry, type Registry } from "@symgrad/symbolic-plugins";
import {
  createReader,
  type Reader,
  type ReaderConfig,
  type ReaderExample,
  syntheticExample,
} from "../src/index";
import type { BatchShape, TargetInputs } from "../src/reader/readerBatch";
import { collateInputs, collateTargets, smallestShape } from "../src/reader/readerBatch";
import {
  createReaderFeatures,
  createReaderTargets,
  type ReaderFeatures,
  type ReaderTargets,
} from "../src/reader/readerFeatures";
import type { ReaderInputs } from "../src/reader/readerModel";

export const TINY: Partial<ReaderConfig> = {
  hidden_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 16,
  pair_hidden: 8,
  // Wide first vectors, so that scores differ between examples.
  word_initializer_range: 0.5,
  position_initializer_range: 0.2,
};

export const registry = (): Registry => createRegistry([calculator]);

export function tinyReader(config: Partial<ReaderConfig> = {}, seed = 1): Reader {
  return createReader({ registry: registry(), key: key(seed), config: { ...TINY, ...config } });
}

/** Max questions with a transfer between three people, two-digit amounts: short, and every loss has something to do. */
export function tinyData(count: number, seed = 0): ReaderExample[] {
  const setting = { type: "max", transfer: true, people: 3, digits: 2, count, seed } as const;
  return Array.from({ length: count }, (_, i) => syntheticExample(setting, i));
}

export interface TinyBatch {
  features: ReaderFeatures[];
  targets: ReaderTargets[];
  shape: BatchShape;
  inputs: ReaderInputs;
  answers: TargetInputs;
}

/** Prepares and collates examples; `room` makes every padded size that much larger than needed. */
export async function tinyBatch(reader: Reader, examples: ReaderExample[], room = 0): Promise<TinyBatch> {
  const texts = await createReaderFeatures(examples, reader.featureOptions, (i) => `example ${i}`);
  const features = texts.map((text) => text.features);
  const targets = examples.map(({ answer }, i) =>
    createReaderTargets(features[i]!, [answer], reader.featureOptions),
  );
  const least = smallestShape(features, targets);
  const larger = <Sizes extends object>(sizes: Sizes): Sizes =>
    Object.fromEntries(
      Object.entries(sizes).map(([name, size]) => [
        name,
        Array.isArray(size) ? size.map(larger) : (size as number) + room,
      ]),
    ) as Sizes;
  const shape: BatchShape = larger(least);
  return {
    features,
    targets,
    shape,
    inputs: collateInputs(features, shape, reader.batchOptions),
    answers: collateTargets(features, targets, shape),
  };
}
