import { SYNTHETIC_NAMES, SYNTHETIC_OBJECTS, SYNTHETIC_TEMPLATE_WORDS } from "../data/syntheticWords";

/**
 * The vocabulary of the synthetic task and its calculator, in order of ids: special tokens, digits, digits that
 * continue a number, punctuation, words of the templates, names, objects.
 */
export function syntheticVocabulary(): string[] {
  const digits = "0123456789".split("");
  return [
    ...["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    ...digits,
    ...digits.map((digit) => `##${digit}`),
    ...",.?:+-=".split(""),
    ...SYNTHETIC_TEMPLATE_WORDS,
    ...SYNTHETIC_NAMES.map((name) => name.toLowerCase()),
    ...SYNTHETIC_OBJECTS,
  ];
}
