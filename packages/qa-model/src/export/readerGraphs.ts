import type { ExportInput, ExportModel } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { selectRows } from "../internal/selectRows";
import type { Reader } from "../reader/reader";

type Inputs = Record<string, tf.Tensor2D>;

/**
 * Reading as one graph, by the names and types of Hugging Face's ONNX files: tokens, padded on the right, to
 * `start_logits` and `end_logits`, `[batch, sequence]` each. What a function returned is part of the sequence.
 */
export function answerModel(reader: Reader): ExportModel {
  const { span } = reader.model;
  return {
    name: "answer",
    what: (inputs: Inputs) => {
      const { start, end } = span.apply(encode(reader, inputs));
      return { start_logits: start, end_logits: end };
    },
    inputs: textInputs(reader),
    axes: axesOf(reader),
  };
}

/**
 * Scoring of one function's argument tuples as one graph: tokens, what earlier functions returned among them,
 * `quantities`, where each quantity's first digit stands, and per argument `argument_0`, `argument_1`, ... the quantity of
 * each candidate; to `scores`, `[batch, candidates]`.
 */
export function termsModel(reader: Reader, stage: number): ExportModel {
  const terms = reader.model.scorers[stage]!;
  const names = terms.arguments.map((_, position) => `argument_${position}`);
  const index = (axis: string) => ({ shape: ["batch", axis], dtype: "int64", below: 1 }) as const;
  return {
    name: stage === 0 ? "terms" : `terms-${stage + 1}`,
    what: (inputs: Inputs) => {
      const tuples = names.map((name) => inputs[name]!);
      return { scores: terms.apply(selectRows(encode(reader, inputs), inputs.quantities!), tuples) };
    },
    inputs: {
      ...textInputs(reader),
      quantities: index("quantities"),
      ...Object.fromEntries(names.map((name) => [name, index("candidates")])),
    },
    axes: axesOf(reader),
  };
}

function encode({ model: { encoder } }: Reader, inputs: Inputs): tf.Tensor3D {
  const { input_ids: ids, attention_mask: mask, token_type_ids: segments } = inputs;
  const [batch, length] = ids!.shape;
  const positions: tf.Tensor2D = tf.tile(tf.reshape(tf.range(0, length, 1, "int32"), [1, length]), [
    batch,
    1,
  ]);
  const places = encoder.places(positions, segments ?? tf.zerosLike(positions));
  return encoder.apply(tf.add(encoder.words(ids!), places), { mask: tf.cast(mask!, "float32") });
}

/** As Hugging Face's encoders have them: DistilBERT has no segments. */
function textInputs({ config }: Reader): Record<string, ExportInput> {
  const text = (below: number): ExportInput => ({ shape: ["batch", "sequence"], dtype: "int64", below });
  return {
    input_ids: text(config.vocab_size),
    attention_mask: text(2),
    ...(config.type_vocab_size > 0 ? { token_type_ids: text(2) } : {}),
  };
}

const axesOf = ({ config }: Reader) => ({ sequence: { max: config.max_position_embeddings } });
