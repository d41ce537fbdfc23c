import { SymgradError } from "@symgrad/core";

/** The tokens of the network that reads the results. A tokenizer implements it. */
export interface TokenVocabulary {
  /** The ids of a text's tokens. */
  encode(text: string): ArrayLike<number>;
  /** The id of one token as it stands in the vocabulary, such as "7" or "##7". */
  id(token: string): number | undefined;
  /** Only to name tokens in errors. */
  token?(id: number): string | undefined;
  /** The number of tokens: the rows of the embedding table. */
  readonly size: number;
}

/** Which tokens a function's texts are made of. */
export interface OutputSpecification {
  readonly digits: "split" | "none";
  readonly symbols: readonly string[];
}

export interface TokensOptions {
  /** "split": numbers are read digit by digit, `123` as `1 ##2 ##3`. "none": no digits. Default "split". */
  digits?: "split" | "none";
  /** Everything else that may occur: signs, words. Default `+ - = , .` beside digits, nothing without. */
  symbols?: readonly string[];
}

/** Declares a function's output vocabulary: small, so that the layer's gradient is cheap. */
export function tokens(options: TokensOptions = {}): OutputSpecification {
  const { digits = "split", symbols = digits === "split" ? ["+", "-", "=", ",", "."] : [] } = options;
  return { digits, symbols: [...symbols] };
}

/** A declared output vocabulary found in a real one. */
export interface OutputVocabulary {
  /** Local id -> id in the vocabulary. */
  readonly ids: Int32Array;
  /** Id in the vocabulary -> local id. */
  readonly local: ReadonlyMap<number, number>;
}

const tenDigits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * @param extra Single tokens of the vocabulary to include, such as the one that stands for an undefined result.
 * @throws SymgradError `E_VOCABULARY` if the vocabulary has no such digit, symbol or token.
 */
export function findOutputVocabulary(
  where: string,
  output: OutputSpecification,
  vocabulary: TokenVocabulary,
  extra: readonly string[] = [],
): OutputVocabulary {
  const found = new Set<number>();
  const missing: string[] = [];
  const add = (token: string, ids: ArrayLike<number | undefined>) => {
    if (ids.length === 0 || Array.from(ids).some((id) => id === undefined || id === unknown))
      missing.push(token);
    else for (const id of Array.from(ids)) found.add(id!);
  };
  const unknown = vocabulary.id("[UNK]");
  if (output.digits === "split") {
    for (const digit of tenDigits) add(digit, [vocabulary.id(digit)]);
    for (const digit of tenDigits) {
      const continuation = vocabulary.id(`##${digit}`); // a vocabulary of characters has none
      if (continuation !== undefined) found.add(continuation);
    }
  }
  for (const symbol of output.symbols) add(symbol, vocabulary.encode(symbol));
  for (const token of extra) add(token, [vocabulary.id(token)]);
  if (missing.length > 0) {
    throw new SymgradError(
      "E_VOCABULARY",
      `${where}: the vocabulary of ${vocabulary.size} tokens lacks ${missing.map((token) => JSON.stringify(token)).join(", ")}.`,
      { hint: "add them to the tokenizer's vocabulary, or declare an output without them" },
    );
  }
  const ids = Int32Array.from(found);
  if (ids.length === 0 || ids.length > 65_536) {
    throw new SymgradError(
      "E_RANGE",
      `${where}: an output vocabulary must have 1 to 65,536 tokens, got ${ids.length}.`,
    );
  }
  return { ids, local: new Map(Array.from(ids, (id, index) => [id, index])) };
}
