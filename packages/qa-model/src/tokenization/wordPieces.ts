import { WordPiece } from "@huggingface/tokenizers";

/** The pieces of one word: ids, and the UTF-16 length of each as the vocabulary writes it. */
export interface WordPieces {
  readonly ids: readonly number[];
  readonly lengths: readonly number[];
}

export interface WordPiecesOptions {
  readonly tokens: readonly string[];
  readonly unknown: string;
  readonly maximumCharacters: number;
}

const CACHED_WORDS = 65_536;

/**
 * Splits a word into the longest pieces that the vocabulary has, from left to right. A word that cannot be split is one
 * unknown piece that covers all of it.
 *
 * @returns A function of the word in the vocabulary's spelling, and of whether it continues a word before it.
 */
export function createWordPieces(
  options: WordPiecesOptions,
): (word: string, continues: boolean) => WordPieces {
  const { tokens, unknown, maximumCharacters } = options;
  const model = new WordPiece({
    type: "WordPiece",
    unk_token: unknown,
    continuing_subword_prefix: "##",
    max_input_chars_per_word: maximumCharacters,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
  });
  const idOf = model.tokens_to_ids;
  const cache = new Map<string, WordPieces>();

  const split = (word: string): WordPieces => {
    const continues = word.startsWith("##");
    const whole = { ids: [idOf.get(unknown)!], lengths: [word.length - (continues ? 2 : 0)] };
    const pieces = model.encode([word]);
    if (pieces.length === 1 && pieces[0] === unknown) return whole;
    // The prefix itself may be taken for text: "#" and then a longer piece.
    if (continues && !(pieces[0]!.startsWith("##") && pieces[0]!.length > 2)) return whole;
    return {
      ids: pieces.map((piece) => idOf.get(piece)!),
      lengths: pieces.map((piece, i) => piece.length - (i > 0 || continues ? 2 : 0)),
    };
  };

  return (word, continues) => {
    const asked = continues ? `##${word}` : word;
    let pieces = cache.get(asked);
    if (pieces === undefined) {
      pieces = split(asked);
      if (cache.size >= CACHED_WORDS) cache.clear();
      cache.set(asked, pieces);
    }
    return pieces;
  };
}
