/** What a word-piece tokenizer does with a character: drop it, end the word, make a word of it alone, or go on. */
export type CharacterKind = "removed" | "mark" | "space" | "alone" | "digit" | "letter";

export interface Character {
  readonly kind: CharacterKind;
  /** The character as the vocabulary writes it: lower case, without accents, as configured. */
  readonly text: string;
}

export interface NormalizerOptions {
  readonly lowercase: boolean;
  readonly stripAccents: boolean;
}

const ASCII_PUNCTUATION = /^[!-/:-@[-`{-~]$/;
const JOINER = "\u200d";

/**
 * Makes BERT's character rules a function of one code point, so that every character keeps its place in the text.
 * Control characters vanish, punctuation and Chinese characters stand alone, accents are combining marks and vanish.
 *
 * @see `BertNormalizer` and `BertPreTokenizer` of huggingface/tokenizers, which also lower character by character.
 */
export function createCharacterReader(options: NormalizerOptions): (codePoint: number) => Character {
  const ascii = Array.from({ length: 128 }, (_, codePoint) => readCharacter(codePoint, options));
  const others = new Map<number, Character>();
  return (codePoint) => {
    if (codePoint < 128) return ascii[codePoint]!;
    let character = others.get(codePoint);
    if (character === undefined) {
      character = readCharacter(codePoint, options);
      if (others.size >= 10_000) others.clear();
      others.set(codePoint, character);
    }
    return character;
  };
}

function readCharacter(codePoint: number, { lowercase, stripAccents }: NormalizerOptions): Character {
  const written = String.fromCodePoint(codePoint);
  if (/^[\t\n\r]$/.test(written)) return { kind: "space", text: "" };
  if (codePoint === 0 || codePoint === 0xfffd || /^[\p{Cc}\p{Cf}\p{Co}\p{Cs}]$/u.test(written)) {
    return { kind: written === JOINER ? "mark" : "removed", text: "" };
  }
  if (/^\s$/.test(written)) return { kind: "space", text: "" };
  if (/^[0-9]$/.test(written)) return { kind: "digit", text: written };
  let text = written;
  if (stripAccents) {
    text = text.normalize("NFD").replace(/\p{Mn}/gu, "");
    if (text === "") return { kind: "mark", text };
  }
  if (lowercase) {
    text = text.toLowerCase();
    if (stripAccents) text = text.replace(/\p{Mn}/gu, "");
  }
  const alone = ASCII_PUNCTUATION.test(text) || /^\p{P}$/u.test(text) || isChinese(codePoint);
  return { kind: alone ? "alone" : "letter", text };
}

/** The ranges that BERT separates into words of one character. */
function isChinese(codePoint: number): boolean {
  return (
    (codePoint >= 0x4e00 && codePoint <= 0x9fff) ||
    (codePoint >= 0x3400 && codePoint <= 0x4dbf) ||
    (codePoint >= 0x20000 && codePoint <= 0x2a6df) ||
    (codePoint >= 0x2a700 && codePoint <= 0x2b73f) ||
    (codePoint >= 0x2b740 && codePoint <= 0x2b81f) ||
    (codePoint >= 0x2b920 && codePoint <= 0x2ceaf) ||
    (codePoint >= 0xf900 && codePoint <= 0xfaff) ||
    (codePoint >= 0x2f800 && codePoint <= 0x2fa1f)
  );
}
