import { join } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";
import type { TokenVocabulary } from "@symgrad/symbolic-plugins";
import { makeFolder } from "../internal/makeFolder";
import { type Character, createCharacterReader } from "./characters";
import { findNumbers } from "./findNumbers";
import {
  describeTransformersTokenizer,
  readTokenizerFolder,
  type TransformersTokenizer,
} from "./readTokenizerFolder";
import { syntheticVocabulary } from "./syntheticVocabulary";
import {
  BERT_SPECIAL_TOKENS,
  createSpecialTokensMap,
  createTokenizerConfig,
  createTokenizerJson,
  type SpecialTokenNames,
  type TokenizerDescription,
  type TokenizerJson,
  writeTokenizerJson,
} from "./tokenizerJson";
import { createWordPieces, type WordPieces } from "./wordPieces";

/** A number among a text's tokens. */
export interface TokenizedNumber {
  /** Exact decimal without commas: "-5903204", "3.5". */
  value: string;
  /** Index of the first digit's token; the sign, if any, is the token before it. */
  firstToken: number;
  /** Tokens from the first digit to the last, a decimal point included. */
  tokenCount: number;
  /** UTF-16 offset of the sign, or of the first digit if there is none. */
  start: number;
  /** UTF-16 offset behind the last digit. */
  end: number;
}

export interface TokenizedText {
  ids: Int32Array;
  /** Start and end of each token in UTF-16 units of the text as it was given, in pairs. */
  offsets: Int32Array;
  numbers: TokenizedNumber[];
}

export interface DigitTokenizerOptions {
  /**
   * "split" makes every digit a token of its own, which arithmetic needs; "whole" leaves numbers to the vocabulary, as
   * BERT does: readers that were trained so want it. Default "split".
   */
  digits?: "split" | "whole" | undefined;
}

/** Special tokens by their use; with {@link DigitTokenizer.special}, ids. */
export type SpecialTokenIds = { readonly [Use in keyof SpecialTokenNames]: number };

/**
 * Word pieces as BERT makes them, but every number is split into digits (`123` is `1 ##2 ##3`, also where the
 * vocabulary has the whole number), and commas inside a number are dropped: "5,903,204" is `5 ##9 ##0 ##3 ##2 ##0 ##4`,
 * "-59" is `- 5 ##9`, "3.5" is `3 . ##5`. A special token's name in a text is plain text.
 *
 * @example DigitTokenizer.synthetic().tokenize("Anna has 1,024 grapes").numbers[0]; // { value: "1024", ... }
 */
export class DigitTokenizer implements TokenVocabulary {
  readonly size: number;
  readonly special: SpecialTokenIds;
  /** The id of ".", which stands within decimals. */
  readonly decimalPoint: number | undefined;
  readonly digits: "split" | "whole";
  readonly #description: TokenizerDescription;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #continues: Uint8Array;
  readonly #character: (codePoint: number) => Character;
  readonly #pieces: (word: string, continues: boolean) => WordPieces;
  readonly #digits: Int32Array;

  /**
   * @throws SymgradError `E_VOCABULARY` if a token is missing that the tokenizer needs: a special token, a digit, or a
   *   digit that continues a number.
   */
  constructor(description: TokenizerDescription, where?: string, options: DigitTokenizerOptions = {}) {
    const { tokens, special } = description;
    this.#description = description;
    this.digits = options.digits ?? "split";
    this.size = tokens.length;
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
    const missing = [...Object.values(special), ...DIGITS, ...DIGITS.map((digit) => `##${digit}`)].filter(
      (token) => !this.#ids.has(token),
    );
    if (missing.length > 0) {
      throw new SymgradError(
        "E_VOCABULARY",
        `the vocabulary of ${tokens.length} tokens lacks ${missing.map((token) => JSON.stringify(token)).join(", ")}.`,
        { where, hint: "use a BERT vocabulary; numbers are read digit by digit" },
      );
    }
    const id = (token: string) => this.#ids.get(token)!;
    this.special = {
      pad: id(special.pad),
      unk: id(special.unk),
      cls: id(special.cls),
      sep: id(special.sep),
      mask: id(special.mask),
    };
    this.decimalPoint = this.#ids.get(".");
    this.#continues = Uint8Array.from(tokens, (token) => (/^##./su.test(token) ? 1 : 0));
    this.#digits = Int32Array.from([...DIGITS, ...DIGITS.map((digit) => `##${digit}`)], id);
    this.#character = createCharacterReader(description);
    this.#pieces = createWordPieces({
      tokens,
      unknown: special.unk,
      maximumCharacters: description.maximumCharacters,
    });
  }

  /**
   * The vocabulary of the synthetic data and the calculator: special tokens, digits, words of the templates.
   *
   * @param symbols What else a function writes; what is not there yet comes last, in lower case.
   */
  static synthetic(symbols: readonly string[] = []): DigitTokenizer {
    return new DigitTokenizer({
      tokens: [...new Set([...syntheticVocabulary(), ...symbols.map((symbol) => symbol.toLowerCase())])],
      special: BERT_SPECIAL_TOKENS,
      lowercase: true,
      stripAccents: true,
      maximumCharacters: 100,
    });
  }

  /**
   * Reads `tokenizer.json`, or else `vocab.txt` with the optional `tokenizer_config.json`, as Hugging Face writes them
   * for BERT.
   *
   * @throws SymgradError `E_FILE` if the folder or both files are missing; `E_FORMAT` for a broken file or another kind
   *   of tokenizer; `E_VOCABULARY` if special tokens or digits are missing.
   */
  static async fromFolder(folder: string, options: DigitTokenizerOptions = {}): Promise<DigitTokenizer> {
    const { description, where } = await readTokenizerFolder(folder);
    return new DigitTokenizer(description, where, options);
  }

  /**
   * Takes over a BERT tokenizer that `@huggingface/transformers` opened, wherever it came from; here it splits digits and
   * tells offsets.
   *
   * @throws SymgradError `E_USAGE` if it is no such tokenizer; `E_FORMAT` if it is of another kind; `E_VOCABULARY` if special
   *   tokens or digits are missing.
   * @example DigitTokenizer.fromTransformers(await AutoTokenizer.from_pretrained("bert-base-uncased"));
   */
  static fromTransformers(
    tokenizer: TransformersTokenizer,
    options: DigitTokenizerOptions = {},
  ): DigitTokenizer {
    return new DigitTokenizer(describeTransformersTokenizer(tokenizer), undefined, options);
  }

  /** The id of one token as it stands in the vocabulary, such as "7" or "##7". */
  id(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** The token of an id; the unknown token's name for an id that there is not. */
  token(id: number): string {
    return this.#description.tokens[id] ?? this.#description.special.unk;
  }

  /** Whether the token continues the word or number before it. */
  isContinuation(id: number): boolean {
    return this.#continues[id] === 1;
  }

  /** The ids of a text's tokens, without special tokens around them. */
  encode(text: string): number[] {
    return this.#run(text).ids;
  }

  /** Tokens with their places in the text, and the numbers among them. */
  tokenize(text: string): TokenizedText {
    const { ids, offsets, numbers } = this.#run(text);
    return { ids: Int32Array.from(ids), offsets: Int32Array.from(offsets), numbers };
  }

  #run(text: string): Tokens {
    const out: Tokens = { ids: [], offsets: [], numbers: [] };
    if (this.digits === "whole") return this.#runWhole(text, out);
    let at = 0;
    for (const { value, start, end } of findNumbers(text)) {
      this.#words(text, at, start, out);
      let first = start;
      if (text[start] === "-" || text[start] === "−") {
        first += 1;
        this.#words(text, start, first, out);
      }
      const firstToken = this.#number(text, first, end, out);
      out.numbers.push({ value, firstToken, tokenCount: out.ids.length - firstToken, start, end });
      at = end;
    }
    this.#words(text, at, text.length, out);
    return out;
  }

  /** Tokens as BERT makes them; a number is the tokens that its characters went to. */
  #runWhole(text: string, out: Tokens): Tokens {
    this.#words(text, 0, text.length, out);
    let token = 0;
    for (const { value, start, end } of findNumbers(text)) {
      const first = /\d/.exec(text.slice(start))!.index + start;
      while (token < out.ids.length && out.offsets[2 * token + 1]! <= first) token++;
      let last = token;
      while (last < out.ids.length && out.offsets[2 * last]! < end) last++;
      if (last > token) out.numbers.push({ value, firstToken: token, tokenCount: last - token, start, end });
    }
    return out;
  }

  /** Adds a number's tokens: digits, and the point of a decimal; commas have none. Returns the first digit's index. */
  #number(text: string, start: number, end: number, out: Tokens): number {
    let firstToken = -1;
    let continues = false;
    for (let i = start; i < end; i++) {
      const digit = text.charCodeAt(i) - ZERO;
      if (digit >= 0 && digit <= 9) {
        if (firstToken < 0) firstToken = out.ids.length;
        out.ids.push(this.#digits[continues ? digit + 10 : digit]!);
        out.offsets.push(i, i + 1);
        continues = true;
      } else if (text[i] === ".") {
        this.#words(text, i, i + 1, out);
        continues = true;
      }
    }
    return firstToken;
  }

  /** Adds the tokens of a stretch without numbers. */
  #words(text: string, from: number, to: number, out: Tokens): void {
    // One entry for each UTF-16 unit of the word in the vocabulary's spelling.
    let word = "";
    let starts: number[] = [];
    let ends: number[] = [];
    let hasDigit = false;
    const flush = () => {
      if (word === "") return;
      this.#word(word, starts, ends, hasDigit, out);
      word = "";
      starts = [];
      ends = [];
      hasDigit = false;
    };
    for (let i = from; i < to; ) {
      const codePoint = text.codePointAt(i)!;
      const start = i;
      i += codePoint > 0xffff ? 2 : 1;
      const { kind, text: spelled } = this.#character(codePoint);
      if (kind === "space") flush();
      else if (kind === "mark") {
        // An accent or joiner belongs to the character before it, but not to a number.
        const last = word === "" ? out.offsets : ends;
        if (start > from && last.at(-1) === start) last[last.length - 1] = i;
      } else if (kind !== "removed") {
        if (kind === "alone") flush();
        word += spelled;
        hasDigit ||= kind === "digit";
        for (let unit = 0; unit < spelled.length; unit++) {
          starts.push(start);
          ends.push(i);
        }
        if (kind === "alone") flush();
      }
    }
    flush();
  }

  /** Adds the tokens of one word; a digit within it is a token by itself. */
  #word(
    word: string,
    starts: readonly number[],
    ends: readonly number[],
    hasDigit: boolean,
    out: Tokens,
  ): void {
    const add = (id: number, first: number, last: number) => {
      out.ids.push(id);
      out.offsets.push(starts[first]!, ends[last]!);
    };
    let at = 0;
    const splits = hasDigit && this.digits === "split";
    for (const run of splits ? word.match(/[0-9]|[^0-9]+/g)! : [word]) {
      const { ids, lengths } = this.#pieces(run, at > 0);
      for (const [i, id] of ids.entries()) {
        add(id, at, at + lengths[i]! - 1);
        at += lengths[i]!;
      }
    }
  }

  /** The contents of Hugging Face's `tokenizer.json`, without digit splitting, which that form cannot say. */
  toJSON(): TokenizerJson {
    return createTokenizerJson(this.#description);
  }

  /** The files that {@link DigitTokenizer.fromFolder} reads, by name. */
  files(): Record<
    "tokenizer.json" | "tokenizer_config.json" | "special_tokens_map.json" | "vocab.txt",
    string
  > {
    const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
    return {
      "tokenizer.json": writeTokenizerJson(this.#description),
      "tokenizer_config.json": json(createTokenizerConfig(this.#description)),
      "special_tokens_map.json": json(createSpecialTokensMap(this.#description)),
      "vocab.txt": this.#description.tokens.map((token) => `${token}\n`).join(""),
    };
  }

  /**
   * Writes {@link DigitTokenizer.files} to a folder, each whole or not at all.
   *
   * @throws SymgradError `E_DISK` if the disk is full, `E_FILE` if the folder cannot be written.
   */
  async save(folder: string): Promise<void> {
    await makeFolder(folder);
    for (const [name, content] of Object.entries(this.files())) {
      await writeFileAtomic(join(folder, name), content);
    }
  }
}

interface Tokens {
  ids: number[];
  offsets: number[];
  numbers: TokenizedNumber[];
}

const DIGITS = "0123456789".split("");
const ZERO = "0".charCodeAt(0);
