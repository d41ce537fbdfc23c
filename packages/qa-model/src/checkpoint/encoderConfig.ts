import { SymgradError } from "@symgrad/core";
import { describeJson } from "../internal/describeJson";
import type { ReaderConfig } from "../reader/readerConfig";

/** Why a model that is no BERT cannot be read here, by its `model_type`. */
const REFUSED: Record<string, string> = {
  roberta: "its tokenizer is byte-level BPE, which keeps no digits apart",
  "xlm-roberta": "its tokenizer is SentencePiece",
  camembert: "its tokenizer is SentencePiece",
  albert: "its layers share weights and its tokenizer is SentencePiece",
  electra: "its embeddings have a width of their own",
  "deberta-v2": "its attention is relative",
  deberta: "its attention is relative",
  mpnet: "its attention has a relative bias",
  modernbert: "its layers have rotary positions and gated units",
};

const SUPPORTED = '"bert" (also MiniLM and other small BERTs) and "distilbert"';

type Json = Record<string, unknown>;
/** The part of a reader's configuration that the encoder's file decides. */
export type EncoderConfig = Partial<ReaderConfig> & { vocab_size: number };

/**
 * The encoder that a Hugging Face `config.json` describes.
 *
 * @throws SymgradError `E_USAGE` for an architecture that is not supported, with the reason; `E_FORMAT` for a field that is
 *   missing or has another type.
 */
export function readEncoderConfig(json: Json, where: string): EncoderConfig {
  const type = json.model_type;
  if (type === "bert") return readBert(json, where);
  if (type === "distilbert") return readDistilBert(json, where);
  const reason = typeof type === "string" && REFUSED[type] ? `: ${REFUSED[type]}` : "";
  throw new SymgradError(
    "E_USAGE",
    `a model of type ${describeJson(type)} cannot be read${reason}. Supported are ${SUPPORTED}.`,
    { where, hint: "use a BERT checkpoint, for example nreimers/MiniLM-L6-H384-uncased" },
  );
}

const SHARED = { normalization: "post", short_convolution: 0, equal_start: 0, embedding_norm: true } as const;

function readBert(json: Json, where: string): EncoderConfig {
  const { position_embedding_type: positions } = json;
  if (positions !== undefined && positions !== "absolute") {
    throw new SymgradError(
      "E_USAGE",
      `\`position_embedding_type\` must be "absolute", got ${describeJson(positions)}.`,
      { where },
    );
  }
  const read = fieldReader(json, where);
  const deviation = read("initializer_range", 0.02);
  return {
    model_type: "bert",
    ...SHARED,
    vocab_size: read("vocab_size"),
    hidden_size: read("hidden_size"),
    num_hidden_layers: read("num_hidden_layers"),
    num_attention_heads: read("num_attention_heads"),
    intermediate_size: read("intermediate_size"),
    hidden_act: activation(json.hidden_act ?? "gelu", where),
    hidden_dropout_prob: read("hidden_dropout_prob", 0.1),
    max_position_embeddings: read("max_position_embeddings"),
    type_vocab_size: read("type_vocab_size", 2),
    layer_norm_eps: read("layer_norm_eps", 1e-12),
    word_initializer_range: deviation,
    position_initializer_range: deviation,
  };
}

function readDistilBert(json: Json, where: string): EncoderConfig {
  const read = fieldReader(json, where);
  const deviation = read("initializer_range", 0.02);
  return {
    model_type: "distilbert",
    ...SHARED,
    vocab_size: read("vocab_size"),
    hidden_size: read("dim"),
    num_hidden_layers: read("n_layers"),
    num_attention_heads: read("n_heads"),
    intermediate_size: read("hidden_dim"),
    hidden_act: activation(json.activation ?? "gelu", where),
    hidden_dropout_prob: read("dropout", 0.1),
    max_position_embeddings: read("max_position_embeddings"),
    type_vocab_size: 0,
    layer_norm_eps: 1e-12,
    word_initializer_range: deviation,
    position_initializer_range: deviation,
  };
}

function fieldReader(json: Json, where: string): (name: string, missing?: number) => number {
  return (name, missing) => {
    const value = json[name] ?? missing;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new SymgradError("E_FORMAT", `\`${name}\` must be a number, found ${describeJson(value)}.`, {
      where,
    });
  };
}

function activation(name: unknown, where: string): "gelu" | "relu" {
  if (name === "gelu" || name === "relu") return name;
  throw new SymgradError("E_USAGE", `the activation must be "gelu" or "relu", got ${describeJson(name)}.`, {
    where,
    hint: "the tanh form of gelu is another function; such a model would answer differently here",
  });
}

/** A reader's configuration as the reference library reads it, with our own fields beside its own. */
export function writeEncoderConfig(config: ReaderConfig): Json {
  if (config.model_type === "symgrad-encoder") return { ...config };
  const shared = {
    ...config,
    architectures: [
      config.model_type === "bert" ? "BertForQuestionAnswering" : "DistilBertForQuestionAnswering",
    ],
    initializer_range: config.word_initializer_range,
    pad_token_id: 0,
  };
  if (config.model_type === "bert") {
    const dropout = { attention_probs_dropout_prob: config.hidden_dropout_prob };
    return { ...shared, ...dropout, position_embedding_type: "absolute" };
  }
  return {
    ...shared,
    dim: config.hidden_size,
    n_layers: config.num_hidden_layers,
    n_heads: config.num_attention_heads,
    hidden_dim: config.intermediate_size,
    activation: config.hidden_act,
    dropout: config.hidden_dropout_prob,
    attention_dropout: config.hidden_dropout_prob,
    sinusoidal_pos_embds: false,
  };
}
