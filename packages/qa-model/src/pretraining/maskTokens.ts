import type { RandomKey } from "@symgrad/core";
import { DrawStream } from "../data/drawStream";

export interface MaskTokensOptions {
  /** Which tokens may be hidden: not [CLS] and [SEP]. */
  maskable: (id: number) => boolean;
  /** Whether a token continues the word before it. */
  continues: (id: number) => boolean;
  /** The id of [MASK]. */
  mask: number;
  /** Ids to draw a wrong token from. */
  others: ArrayLike<number>;
  /** Share of the tokens to hide. */
  share: number;
  /** Hide words as a whole. */
  wholeWords: boolean;
}

export interface MaskedTokens {
  ids: Int32Array;
  /** Where tokens were hidden, ascending. */
  places: Int32Array;
  /** The tokens that stood there. */
  hidden: Int32Array;
}

/**
 * Hides a share of a text's tokens (rounded, at least one where there is any): four of five become [MASK], one of ten
 * another token, one of ten stays. With whole words, all tokens of a word are hidden or none, and a word that is longer
 * than what is still to be hidden is passed over.
 *
 * @see Devlin et al. 2019, arXiv:1810.04805, section 3.1.
 */
export function maskTokens(ids: Int32Array, key: RandomKey, options: MaskTokensOptions): MaskedTokens {
  const { maskable, continues, mask, others, share, wholeWords } = options;
  const stream = new DrawStream(key);
  const words: number[][] = [];
  for (const [place, id] of ids.entries()) {
    if (!maskable(id)) continue;
    const last = words.at(-1);
    if (wholeWords && continues(id) && last?.at(-1) === place - 1) last.push(place);
    else words.push([place]);
  }
  const count = words.flat().length;
  const wanted = count === 0 ? 0 : Math.max(1, Math.round(share * count));
  const chosen: number[] = [];
  for (const word of stream.pick(words, words.length)) {
    if (chosen.length >= wanted) break;
    if (chosen.length === 0 || chosen.length + word.length <= wanted) chosen.push(...word.slice(0, wanted));
  }
  const places = Int32Array.from(chosen).sort();
  const masked = ids.slice();
  for (const place of places) {
    const draw = stream.below(10);
    if (draw < 8) masked[place] = mask;
    else if (draw === 8) masked[place] = others[stream.below(others.length)]!;
  }
  return { ids: masked, places, hidden: places.map((place) => ids[place]!) };
}
