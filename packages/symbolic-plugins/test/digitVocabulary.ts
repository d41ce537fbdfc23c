import type { TokenVocabulary } from "../src/output";

/**
 * A vocabulary like a word-piece one: special tokens first, numbers split into digits of which all but the first carry
 * "##", everything else one character a token.
 */
export function digitVocabulary(
  extra: readonly string[] = [],
): TokenVocabulary & { tokens: readonly string[] } {
  const digits = "0123456789".split("");
  const tokens = [
    "[PAD]",
    "[UNK]",
    "[UNDEF]",
    "the",
    ...digits.map((digit) => `##${digit}`),
    ..."+-=,.".split(""),
    "of",
    ...digits,
    ...extra,
  ];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return {
    tokens,
    size: tokens.length,
    id: (token) => ids.get(token),
    token: (id) => tokens[id],
    encode: (text) =>
      (text.match(/\d+|[a-z]+|\S/g) ?? []).flatMap((piece) =>
        /^\d/.test(piece)
          ? piece.split("").map((digit, i) => ids.get(i === 0 ? digit : `##${digit}`)!)
          : [ids.get(piece) ?? 1],
      ),
  };
}
