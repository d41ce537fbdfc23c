/** Special tokens by their use. */
export interface SpecialTokenNames {
  readonly pad: string;
  readonly unk: string;
  readonly cls: string;
  readonly sep: string;
  readonly mask: string;
}

export const BERT_SPECIAL_TOKENS: SpecialTokenNames = {
  pad: "[PAD]",
  unk: "[UNK]",
  cls: "[CLS]",
  sep: "[SEP]",
  mask: "[MASK]",
};

/** What there is to know about a BERT tokenizer. */
export interface TokenizerDescription {
  /** In order of ids. */
  readonly tokens: readonly string[];
  readonly special: SpecialTokenNames;
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
  /** Words of more characters are unknown. */
  readonly maximumCharacters: number;
}

/** The parts of Hugging Face's `tokenizer.json` that matter here. */
export interface TokenizerJson {
  readonly model: {
    readonly type: "WordPiece";
    readonly unk_token: string;
    readonly continuing_subword_prefix: string;
    readonly max_input_chars_per_word: number;
    readonly vocab: Record<string, number>;
  };
  readonly [part: string]: unknown;
}

/** The contents of `tokenizer.json`, as the reference library writes it for a BERT tokenizer. */
export function createTokenizerJson(description: TokenizerDescription): TokenizerJson {
  const { tokens, special, lowercase, stripAccents, maximumCharacters } = description;
  const id = (token: string) => tokens.indexOf(token);
  const markers = Object.values(special) as string[];
  const marker = (token: string, type: number) => ({ SpecialToken: { id: token, type_id: type } });
  const sequence = (name: "A" | "B", type: number) => ({ Sequence: { id: name, type_id: type } });
  const single = [marker(special.cls, 0), sequence("A", 0), marker(special.sep, 0)];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: markers
      .map((content) => ({
        id: id(content),
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      }))
      .sort((a, b) => a.id - b.id),
    normalizer: {
      type: "BertNormalizer",
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: stripAccents === lowercase ? null : stripAccents,
      lowercase,
    },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, sequence("B", 1), marker(special.sep, 1)],
      special_tokens: Object.fromEntries(
        [special.cls, special.sep].map((token) => [token, { id: token, ids: [id(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: special.unk,
      continuing_subword_prefix: "##",
      max_input_chars_per_word: maximumCharacters,
      vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
    },
  };
}

/** `tokenizer.json` as text, its vocabulary in order of ids, which a JavaScript object does not keep for "0" to "9". */
export function writeTokenizerJson(description: TokenizerDescription): string {
  const json = createTokenizerJson(description);
  const entries = description.tokens.map((token, id) => `      ${JSON.stringify(token)}: ${id}`);
  const text = JSON.stringify({ ...json, model: { ...json.model, vocab: {} } }, null, 2);
  // The vocabulary is the last entry of the last part.
  const at = text.lastIndexOf("{}");
  return `${text.slice(0, at)}{\n${entries.join(",\n")}\n    }${text.slice(at + 2)}\n`;
}

/** The contents of `tokenizer_config.json`. */
export function createTokenizerConfig(description: TokenizerDescription): Record<string, unknown> {
  const { lowercase, stripAccents } = description;
  return {
    tokenizer_class: "BertTokenizer",
    do_lower_case: lowercase,
    strip_accents: stripAccents === lowercase ? null : stripAccents,
    tokenize_chinese_chars: true,
    ...createSpecialTokensMap(description),
  };
}

/** The contents of `special_tokens_map.json`. */
export function createSpecialTokensMap({ special }: TokenizerDescription): Record<string, string> {
  return Object.fromEntries(Object.entries(special).map(([use, token]) => [`${use}_token`, token as string]));
}
