import { type JitFunction, jit } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Reader } from "../reader/reader";
import { roundUp } from "../reader/readerBatch";
import type { JoinedText } from "./joinText";

type Inputs = Record<"ids" | "positions" | "segments" | "mask", tf.Tensor2D>;

/** Reads sequences with any result of the function in them, the reader's own or another one. */
export class JoinedReading {
  readonly #reader: Reader;
  readonly #spans: JitFunction<[Inputs], { start: tf.Tensor2D; end: tf.Tensor2D }>;

  constructor(reader: Reader) {
    this.#reader = reader;
    const { encoder, span } = reader.model;
    this.#spans = jit(
      ({ ids, positions, segments, mask }: Inputs) => {
        const vectors = tf.add<tf.Tensor3D>(encoder.words(ids), encoder.places(positions, segments));
        return span.apply(encoder.apply(vectors, { mask }));
      },
      { name: "reader.read" },
    );
  }

  /** The logits of each token. */
  async read({ ids, segments }: JoinedText): Promise<{ start: Float32Array; end: Float32Array }> {
    const count = ids.length;
    const tokens = Math.max(count, Math.min(roundUp(count, 16), this.#reader.config.max_position_embeddings));
    const row = (value: (i: number) => number | undefined, dtype: "int32" | "float32" = "int32") =>
      tf.tensor2d([Array.from({ length: tokens }, (_, i) => value(i) ?? 0)], undefined, dtype);
    const inputs: Inputs = {
      ids: row((i) => ids[i] ?? this.#reader.tokenizer.special.pad),
      positions: row((i) => i),
      segments: row((i) => segments[i]),
      mask: row((i) => Number(i < count), "float32"),
    };
    const outputs = await this.#spans(inputs);
    const [start, end] = await Promise.all([outputs.start.data(), outputs.end.data()]);
    tf.dispose([inputs, outputs] as unknown as tf.TensorContainer);
    return { start: start.slice(0, count) as Float32Array, end: end.slice(0, count) as Float32Array };
  }

  /** Frees the graph; the reader stays. */
  dispose(): void {
    this.#spans.dispose();
  }
}
