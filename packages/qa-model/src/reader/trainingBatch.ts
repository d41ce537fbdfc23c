import { answerHeads } from "./answerHeads";
import type { ReaderExample } from "./evaluateReader";
import type { Reader } from "./reader";
import { collateInputs, collateTargets, roundUp, smallestShape, type TargetInputs } from "./readerBatch";
import { createReaderFeatures } from "./readerFeatures";
import type { ReaderInputs } from "./readerModel";
import { groupWindows, trainingWindows } from "./trainingWindows";

export interface TrainingBatch {
  inputs: ReaderInputs;
  targets: TargetInputs;
}

/**
 * Examples as the tensors that `createReaderStep` and `readerLoss` take, for a training loop of one's own. The caller
 * disposes them; batches of one shape share a graph. Of a passage that is longer than the model reads, the first window
 * with the answer is taken, so that there is one row per example; where the data marks the answer, the mark counts.
 *
 * @throws SymgradError `E_LENGTH` if a question leaves no room for the passage.
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
  const options = { ...reader.featureOptions, windows: "first", goldSpans: "marked" } as const;
  const chosen = groupWindows(texts, examples.length).flatMap((windows, i) =>
    trainingWindows(windows, examples[i]!, options),
  );
  const features = chosen.map(({ window }) => window.features);
  const targets = chosen.map((one) => one.targets);
  const smallest = smallestShape(features, targets);
  const shape = { ...smallest, tokens: roundUp(smallest.tokens, 8) };
  return {
    inputs: collateInputs(features, shape, reader.batchOptions),
    targets: collateTargets(features, targets, shape, answerHeads(reader.config)),
  };
}
