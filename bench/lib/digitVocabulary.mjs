/** A vocabulary of `size` tokens in which numbers are split into digits, as a reader's tokenizer does. */
export function digitVocabulary(size = 30_522) {
  const digits = "0123456789".split("");
  const tokens = ["[PAD]", "[UNK]", ...digits, ...digits.map((digit) => `##${digit}`), ..."+-=,.".split("")];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return {
    size,
    id: (token) => ids.get(token),
    token: (id) => tokens[id],
    encode: (text) =>
      (text.match(/\d+|\S/g) ?? []).flatMap((piece) =>
        /^\d/.test(piece)
          ? piece.split("").map((digit, i) => ids.get(i === 0 ? digit : `##${digit}`))
          : [ids.get(piece) ?? 1],
      ),
  };
}
