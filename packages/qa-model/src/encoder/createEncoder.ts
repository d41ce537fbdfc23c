import type { RandomKey } from "@symgrad/core";
import type { ReaderConfig } from "../reader/readerConfig";
import { SequenceEncoder } from "./sequenceEncoder";

/** The encoder that a configuration describes. @param key Names the first weights. */
export function createEncoder(config: ReaderConfig, key: RandomKey): SequenceEncoder {
  return new SequenceEncoder({
    vocabulary: config.vocab_size,
    hidden: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    normalization: config.normalization,
    activation: config.hidden_act,
    dropout: config.hidden_dropout_prob,
    positions: config.max_position_embeddings,
    segments: config.type_vocab_size,
    embeddingNorm: config.embedding_norm,
    epsilon: config.layer_norm_eps,
    shortConvolution: config.short_convolution,
    equalStart: config.equal_start,
    wordDeviation: config.word_initializer_range,
    positionDeviation: config.position_initializer_range,
    key,
  });
}
