import { SymgradError } from "@symgrad/core";
import { ANSWER_HEADS, type AnswerHead } from "./answerHeads";

/** The encoder's and the heads' shape, as written to `config.json`; Hugging Face's names where it has one. */
export interface ReaderConfig {
  /** "symgrad-encoder" is trained from nothing; the others are Hugging Face's, with their names in the weights' file. */
  model_type: "symgrad-encoder" | "bert" | "distilbert";
  vocab_size: number;
  hidden_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  intermediate_size: number;
  /** "pre" normalizes before each block, "post" after it, as BERT does. */
  normalization: "pre" | "post";
  hidden_act: "gelu" | "relu";
  hidden_dropout_prob: number;
  /** Longest sequence in tokens, the function's result included. */
  max_position_embeddings: number;
  /** 0: question and passage are not told apart, as in DistilBERT. */
  type_vocab_size: number;
  /** Whether the embeddings are normalized before the first layer, as in BERT. */
  embedding_norm: boolean;
  /** Added to the variance in layer norms. */
  layer_norm_eps: number;
  /** Width in tokens of the convolution before attention; 0 leaves it out. */
  short_convolution: number;
  /** Query and key weights start equal, orthonormal per head times this; 0 leaves it out. */
  equal_start: number;
  /** Standard deviation of the word vectors at the start. */
  word_initializer_range: number;
  /** Standard deviation of the position and segment vectors at the start. */
  position_initializer_range: number;
  /** Whether a symbolic function stands between two passes of the encoder. */
  calculator: boolean;
  /** The registered name of that function; of several, called one after another, their names. */
  function: string | readonly string[];
  /** Width of the hidden layer that scores argument tuples. */
  pair_hidden: number;
  /** Whether an answer may stand in the question; SQuAD's readers look in the passage alone. */
  answer_in_question: boolean;
  /** How it may answer, "span" among them; absent: with one span. */
  heads?: readonly AnswerHead[];
  /** Whether the reader may say that nothing answers the question, as SQuAD 2.0 asks. */
  no_answer: boolean;
}

/** The from-scratch encoder's shape: what learns calculator reading from nothing in about a thousand steps. */
export const DEFAULT_READER_CONFIG: Omit<ReaderConfig, "vocab_size"> = {
  model_type: "symgrad-encoder",
  hidden_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 256,
  normalization: "pre",
  hidden_act: "gelu",
  hidden_dropout_prob: 0,
  max_position_embeddings: 256,
  type_vocab_size: 2,
  embedding_norm: false,
  layer_norm_eps: 1e-5,
  short_convolution: 5,
  equal_start: 1.5,
  word_initializer_range: 0.1,
  position_initializer_range: 0.02,
  calculator: true,
  function: "symgrad.calculator.v1",
  pair_hidden: 64,
  answer_in_question: true,
  no_answer: false,
};

/** The names of the functions that a reader calls, in the order of its stages. */
export function functionNames({ function: names }: Pick<ReaderConfig, "function">): readonly string[] {
  return Array.isArray(names) ? names : [names as string];
}

const COUNTS = [
  "vocab_size",
  "hidden_size",
  "num_hidden_layers",
  "num_attention_heads",
  "intermediate_size",
  "max_position_embeddings",
  "pair_hidden",
] as const;
const AMOUNTS = [
  "type_vocab_size",
  "layer_norm_eps",
  "hidden_dropout_prob",
  "short_convolution",
  "equal_start",
  "word_initializer_range",
  "position_initializer_range",
] as const;

/**
 * Fills in the defaults and checks a reader's configuration.
 *
 * @param where The file it was read from, for errors.
 * @throws SymgradError `E_FORMAT` if a field has the wrong type or value; `E_USAGE` for an encoder of another kind.
 */
export function createReaderConfig(
  fields: Partial<ReaderConfig> & { vocab_size: number },
  where?: string,
): ReaderConfig {
  const config: ReaderConfig = { ...DEFAULT_READER_CONFIG, ...fields };
  if (fields.intermediate_size === undefined) config.intermediate_size = 4 * config.hidden_size;
  if (fields.pair_hidden === undefined) config.pair_hidden = config.hidden_size;
  if (!["symgrad-encoder", "bert", "distilbert"].includes(config.model_type)) {
    throw new SymgradError(
      "E_USAGE",
      `config: \`model_type\` must be "symgrad-encoder", "bert" or "distilbert", got ${JSON.stringify(config.model_type)}.`,
      { where },
    );
  }
  for (const name of COUNTS) {
    expect(
      Number.isInteger(config[name]) && config[name] >= 1,
      config,
      name,
      "a whole number above 0",
      where,
    );
  }
  for (const name of AMOUNTS) {
    expect(typeof config[name] === "number" && config[name] >= 0, config, name, "a number, 0 or more", where);
  }
  expect(config.hidden_dropout_prob < 1, config, "hidden_dropout_prob", "a number below 1", where);
  expect(["pre", "post"].includes(config.normalization), config, "normalization", `"pre" or "post"`, where);
  expect(["gelu", "relu"].includes(config.hidden_act), config, "hidden_act", `"gelu" or "relu"`, where);
  for (const name of ["calculator", "embedding_norm", "answer_in_question", "no_answer"] as const) {
    expect(typeof config[name] === "boolean", config, name, "true or false", where);
  }
  expect(
    Number.isInteger(config.type_vocab_size) && config.type_vocab_size !== 1,
    config,
    "type_vocab_size",
    "0 or a whole number above 1",
    where,
  );
  const names = functionNames(config);
  expect(
    names.length > 0 && names.every((name) => typeof name === "string"),
    config,
    "function",
    "a registered name, or a list of them",
    where,
  );
  config.function = names.length === 1 ? names[0]! : names;
  const { heads } = config;
  expect(
    heads === undefined || (Array.isArray(heads) && isHeads(heads)),
    config,
    "heads",
    `a list of different ones of ${ANSWER_HEADS.join(", ")}, with span`,
    where,
  );
  // In one order, and nothing where it is what a reader has anyway.
  config.heads = ANSWER_HEADS.filter((head) => heads?.includes(head));
  if (config.heads.length < 2) delete config.heads;
  expect(
    config.hidden_size % config.num_attention_heads === 0,
    config,
    "num_attention_heads",
    `a divisor of \`hidden_size\` (${config.hidden_size})`,
    where,
  );
  return config;
}

function isHeads(heads: readonly unknown[]): boolean {
  const known = heads.every((head) => ANSWER_HEADS.includes(head as AnswerHead));
  return known && heads.includes("span") && new Set(heads).size === heads.length;
}

function expect(
  holds: boolean,
  config: ReaderConfig,
  name: keyof ReaderConfig,
  wanted: string,
  where: string | undefined,
): void {
  if (holds) return;
  throw new SymgradError(
    "E_FORMAT",
    `config: \`${name}\` must be ${wanted}, got ${JSON.stringify(config[name])}.`,
    { where },
  );
}
