import type { ReaderConfig } from "../reader/readerConfig";

/** Where the encoder's parts stand in a Hugging Face file; `#` is the number of the layer. */
const NAMES: Record<"bert" | "distilbert", Record<string, string>> = {
  bert: {
    "encoder.word": "bert.embeddings.word_embeddings",
    "encoder.position": "bert.embeddings.position_embeddings",
    "encoder.segment": "bert.embeddings.token_type_embeddings",
    "encoder.norm": "bert.embeddings.LayerNorm",
    "encoder.layers.layers.#.attention.query": "bert.encoder.layer.#.attention.self.query",
    "encoder.layers.layers.#.attention.key": "bert.encoder.layer.#.attention.self.key",
    "encoder.layers.layers.#.attention.value": "bert.encoder.layer.#.attention.self.value",
    "encoder.layers.layers.#.attention.output": "bert.encoder.layer.#.attention.output.dense",
    "encoder.layers.layers.#.attentionNorm": "bert.encoder.layer.#.attention.output.LayerNorm",
    "encoder.layers.layers.#.intermediate": "bert.encoder.layer.#.intermediate.dense",
    "encoder.layers.layers.#.output": "bert.encoder.layer.#.output.dense",
    "encoder.layers.layers.#.outputNorm": "bert.encoder.layer.#.output.LayerNorm",
    "span.logits": "qa_outputs",
  },
  distilbert: {
    "encoder.word": "distilbert.embeddings.word_embeddings",
    "encoder.position": "distilbert.embeddings.position_embeddings",
    "encoder.norm": "distilbert.embeddings.LayerNorm",
    "encoder.layers.layers.#.attention.query": "distilbert.transformer.layer.#.attention.q_lin",
    "encoder.layers.layers.#.attention.key": "distilbert.transformer.layer.#.attention.k_lin",
    "encoder.layers.layers.#.attention.value": "distilbert.transformer.layer.#.attention.v_lin",
    "encoder.layers.layers.#.attention.output": "distilbert.transformer.layer.#.attention.out_lin",
    "encoder.layers.layers.#.attentionNorm": "distilbert.transformer.layer.#.sa_layer_norm",
    "encoder.layers.layers.#.intermediate": "distilbert.transformer.layer.#.ffn.lin1",
    "encoder.layers.layers.#.output": "distilbert.transformer.layer.#.ffn.lin2",
    "encoder.layers.layers.#.outputNorm": "distilbert.transformer.layer.#.output_layer_norm",
    "span.logits": "qa_outputs",
  },
};

/**
 * The name of a reader's parameter in `model.safetensors`: Hugging Face's own for its encoders and their span head, ours
 * for all else.
 *
 * @example storedName("encoder.word.weight", "bert"); // "bert.embeddings.word_embeddings.weight"
 */
export function storedName(name: string, modelType: ReaderConfig["model_type"]): string {
  if (modelType === "symgrad-encoder") return name;
  const at = name.lastIndexOf(".");
  const number = /\.layers\.(\d+)\./.exec(name)?.[1];
  const part = name.slice(0, at).replace(/\.layers\.\d+\./, ".layers.#.");
  const stored = NAMES[modelType][part];
  return stored === undefined ? name : `${stored.replace("#", number ?? "")}${name.slice(at)}`;
}

/**
 * A Hugging Face file's name for a tensor as {@link storedName} has it: an encoder saved alone has no prefix, and old
 * files call a layer norm's parts gamma and beta.
 */
export function canonicalName(name: string, modelType: "bert" | "distilbert"): string {
  const bare = name
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias");
  return /^(?:embeddings|encoder|transformer|pooler)\./.test(bare) ? `${modelType}.${bare}` : bare;
}
