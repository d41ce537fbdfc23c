import { answersOf, type ReaderExample } from "./evaluateReader";
import type { Reader } from "./reader";
import { collateInputs, collateTargets, roundUp, smallestShape, type TargetInputs } from "./readerBatch";
import { createReaderFeatures, createReaderTargets } from "./readerFeatures";
import type { ReaderInputs } from "./readerModel";

export interface TrainingBatch {
  inputs: ReaderInputs;
  targets: TargetInputs;
}

/**
 * Examples as the tensors that `createReaderStep` and `readerLoss` take, for a training loop of one's own. The caller
 * disposes them; batches of one shape share a graph.
 *
 * @throws SymgradError `E_LENGTH` if an example is longer than the model reads.
 */
export async function createTrainingBatch(
  reader: Reader,
  examples: readonly ReaderExample[],
): Promise<TrainingBatch> {
  const texts = await createReaderFeatures(
    examples,
    reader.featureOptions,
    (i) => `example ${i} of the batch`,
  );
  const features = texts.map((text) => text.features);
  const targets = features.map((ready, i) =>
    createReaderTargets(ready, answersOf(examples[i]!), reader.featureOptions),
  );
  const smallest = smallestShape(features, targets);
  const shape = { ...smallest, tokens: roundUp(smallest.tokens, 8) };
  return {
    inputs: collateInputs(features, shape, reader.batchOptions),
    targets: collateTargets(features, targets, shape, { calculator: reader.layer !== undefined }),
  };
}
