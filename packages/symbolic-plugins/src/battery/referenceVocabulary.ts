import type { OutputSpecification, TokenVocabulary } from "../output";

/**
 * The vocabulary that the contract's checks read results with: the digits and the declared symbols, nothing else. Text is
 * cut into digits, words and signs, as word pieces are before they are looked up.
 */
export function referenceVocabulary(output: OutputSpecification): TokenVocabulary {
  const digits = "0123456789".split("");
  const pieces = output.symbols.flatMap(cut);
  const tokens = [...new Set(["[UNK]", ...digits, ...digits.map((digit) => `##${digit}`), ...pieces])];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const names = [...tokens]; // of unknown pieces, too, so that errors can name them
  return {
    size: tokens.length,
    id: (token) => ids.get(token),
    token: (id) => names[id],
    encode: (text) =>
      cut(text).map((piece) => {
        const id = ids.get(piece);
        if (id !== undefined) return id;
        names.push(piece);
        return names.length - 1;
      }),
  };
}

/** Digits one by one, all but the first of a number with `##`; words; every other sign alone. */
function cut(text: string): string[] {
  return (text.match(/\d+|[\p{L}\p{M}]+|\S/gu) ?? []).flatMap((piece) =>
    /^\d/.test(piece) ? piece.split("").map((digit, i) => (i === 0 ? digit : `##${digit}`)) : [piece],
  );
}
