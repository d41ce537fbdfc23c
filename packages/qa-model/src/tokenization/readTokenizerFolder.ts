import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SymgradError } from "@symgrad/core";
import { BERT_SPECIAL_TOKENS, type SpecialTokenNames, type TokenizerDescription } from "./tokenizerJson";

/**
 * What a tokenizer of `@huggingface/transformers` reads tokens by (`AutoTokenizer.from_pretrained`): its `tokenizer.json`,
 * and the names of its special tokens.
 */
export interface TransformersTokenizer {
  readonly _tokenizerJSON?: unknown;
  readonly pad_token?: string | null;
  readonly unk_token?: string | null;
  readonly cls_token?: string | null;
  readonly sep_token?: string | null;
  readonly mask_token?: string | null;
}

/**
 * A tokenizer that another library opened.
 *
 * @throws SymgradError `E_USAGE` if it is no such tokenizer; `E_FORMAT` if it is not BERT's.
 */
export function describeTransformersTokenizer(tokenizer: TransformersTokenizer): TokenizerDescription {
  const { _tokenizerJSON: json } = tokenizer;
  if (!isRecord(json)) {
    throw new SymgradError(
      "E_USAGE",
      `the tokenizer must be one of @huggingface/transformers 4, with its tokenizer.json, got ${describe(tokenizer)}.`,
      { hint: "pass what AutoTokenizer.from_pretrained gives, or read a folder: DigitTokenizer.fromFolder" },
    );
  }
  const special = findSpecialTokens(tokenizer as Record<string, unknown>);
  return describeJson(json, special, "the tokenizer of @huggingface/transformers");
}

/** A tokenizer as Hugging Face stores it, and the file that its vocabulary came from. */
export async function readTokenizerFolder(
  folder: string,
): Promise<{ description: TokenizerDescription; where: string }> {
  await assertFolder(folder);
  const config = await readOptionalJson(join(folder, "tokenizer_config.json"));
  const specialMap = await readOptionalJson(join(folder, "special_tokens_map.json"));
  const special = findSpecialTokens(specialMap ?? {}, config ?? {});

  const jsonPath = join(folder, "tokenizer.json");
  const json = await readOptionalJson(jsonPath);
  if (json !== undefined) return { description: describeJson(json, special, jsonPath), where: jsonPath };

  const vocabularyPath = join(folder, "vocab.txt");
  const text = await readOptional(vocabularyPath);
  if (text === undefined) {
    throw new SymgradError("E_FILE", `there is no tokenizer in ${folder}: no tokenizer.json, no vocab.txt.`, {
      hint: "pass the folder of a BERT model as Hugging Face stores it, or of a saved reader",
    });
  }
  const lowercase = config?.do_lower_case !== false;
  const strip = config?.strip_accents;
  const tokens = readVocabularyLines(text, vocabularyPath);
  return {
    description: {
      tokens,
      special,
      lowercase,
      stripAccents: typeof strip === "boolean" ? strip : lowercase,
      maximumCharacters: 100,
    },
    where: vocabularyPath,
  };
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((cause: unknown) => {
    throw new SymgradError("E_FILE", `there is no tokenizer folder ${folder}.`, { cause });
  });
  if (!found.isDirectory()) {
    throw new SymgradError("E_FILE", `${folder} is a file; a tokenizer is read from a folder.`, {
      hint: "pass the folder that holds tokenizer.json or vocab.txt",
    });
  }
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SymgradError("E_FILE", `cannot read ${path}.`, { cause });
  }
}

async function readOptionalJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readOptional(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new SymgradError("E_FORMAT", `${path} is not JSON: ${(cause as Error).message}.`, {
      hint: "the file may be cut off: fetch or save it again",
      cause,
    });
  }
  if (isRecord(value)) return value;
  throw new SymgradError("E_FORMAT", `${path}: expected a JSON object, got ${describe(value)}.`);
}

/** Names of the special tokens; each may be given as text or as an object with `content`. */
function findSpecialTokens(...sources: Record<string, unknown>[]): SpecialTokenNames {
  const find = (use: keyof SpecialTokenNames): string => {
    for (const source of sources) {
      const given = source[`${use}_token`];
      if (typeof given === "string") return given;
      if (isRecord(given) && typeof given.content === "string") return given.content;
    }
    return BERT_SPECIAL_TOKENS[use];
  };
  return { pad: find("pad"), unk: find("unk"), cls: find("cls"), sep: find("sep"), mask: find("mask") };
}

function describeJson(
  json: Record<string, unknown>,
  special: SpecialTokenNames,
  where: string,
): TokenizerDescription {
  const expect = (part: string, found: unknown, wanted: string): never => {
    throw new SymgradError("E_FORMAT", `\`${part}\` must be ${wanted}, got ${describe(found)}.`, {
      where,
      hint: "only BERT's tokenizers are read: WordPiece with BertNormalizer and BertPreTokenizer",
    });
  };
  const { model, normalizer, pre_tokenizer: preTokenizer, added_tokens: added } = json;
  if (!isRecord(model)) return expect("model", model, "an object");
  if (model.type !== "WordPiece") return expect("model.type", model.type, '"WordPiece"');
  if (model.continuing_subword_prefix !== undefined && model.continuing_subword_prefix !== "##") {
    return expect("model.continuing_subword_prefix", model.continuing_subword_prefix, '"##"');
  }
  if (!isRecord(model.vocab)) return expect("model.vocab", model.vocab, "an object of tokens and ids");
  if (!isRecord(normalizer) || normalizer.type !== "BertNormalizer") {
    return expect("normalizer.type", isRecord(normalizer) ? normalizer.type : normalizer, '"BertNormalizer"');
  }
  if (!isRecord(preTokenizer) || preTokenizer.type !== "BertPreTokenizer") {
    const found = isRecord(preTokenizer) ? preTokenizer.type : preTokenizer;
    return expect("pre_tokenizer.type", found, '"BertPreTokenizer"');
  }
  const lowercase = normalizer.lowercase !== false;
  const { strip_accents: strip } = normalizer;
  const maximum = model.max_input_chars_per_word;
  return {
    tokens: orderTokens(model.vocab, Array.isArray(added) ? added : [], where),
    special: { ...special, unk: typeof model.unk_token === "string" ? model.unk_token : special.unk },
    lowercase,
    stripAccents: typeof strip === "boolean" ? strip : lowercase,
    maximumCharacters: typeof maximum === "number" ? maximum : 100,
  };
}

/** Tokens in order of ids, which must be 0 to n - 1, each once. */
function orderTokens(vocab: Record<string, unknown>, added: unknown[], where: string): string[] {
  const entries = new Map<string, unknown>(Object.entries(vocab));
  for (const token of added) {
    if (isRecord(token) && typeof token.content === "string") entries.set(token.content, token.id);
  }
  const tokens = new Array<string | undefined>(entries.size);
  for (const [token, id] of entries) {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id < entries.size) {
      if (tokens[id] === undefined) {
        tokens[id] = token;
        continue;
      }
      throw new SymgradError(
        "E_FORMAT",
        `two tokens have the id ${id}: ${JSON.stringify(tokens[id])} and ${JSON.stringify(token)}.`,
        { where },
      );
    }
    throw new SymgradError(
      "E_FORMAT",
      `the ids of ${entries.size} tokens must be 0 to ${entries.size - 1}, got ${describe(id)} for ${JSON.stringify(token)}.`,
      { where },
    );
  }
  return tokens as string[];
}

function readVocabularyLines(text: string, where: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const seen = new Map<string, number>();
  for (const [i, token] of lines.entries()) {
    const before = seen.get(token);
    if (before !== undefined) {
      throw new SymgradError(
        "E_FORMAT",
        `the token ${JSON.stringify(token)} stands on lines ${before + 1} and ${i + 1}.`,
        { where },
      );
    }
    seen.set(token, i);
  }
  return lines;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isRecord(value)) return "an object";
  return value === undefined ? "nothing" : JSON.stringify(value);
}
