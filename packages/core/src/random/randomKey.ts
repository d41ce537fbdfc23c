import { type HostArgument, hostArgument } from "@symgrad/tfjs-backend-onnxruntime";
import { SymgradError } from "../errors";
import { fillWords } from "./fillWords";
import { threefry, type Words } from "./threefry";

// The counter's high word says what a block is for, so that draws, splits and folds of one key never share a block.
export const forBits = 0;
const forSplit = 1;
const forText = 2;
/** The state of quicker generators. */
export const forState = 3;
const forNumber = 0x80000000; // the lower 21 bits carry the number's upper bits

/**
 * An immutable name for a stream of random bits. The same key always gives the same bits, on every platform and
 * however often it is read; independent streams come from `split` and `fold`, never from reading a key twice.
 *
 * Passed as an argument to a jitted function, a key may change from run to run without a new trace: the function
 * sees a placeholder, and what is derived from it is worked out anew at each run, inside `hostTensor`.
 *
 * @see Claessen and Pałka 2013, "Splittable pseudorandom number generators using cryptographic hashing";
 *   the interface is that of `jax.random`.
 */
export class RandomKey implements HostArgument {
  readonly #words: () => Words;
  readonly #lazy: boolean;

  /** @internal Use {@link key} or {@link RandomKey.parse}. `lazy`: ask `words` again at every read. */
  constructor(words: () => Words, lazy = false) {
    const fixed = lazy ? undefined : words();
    this.#words = fixed === undefined ? words : () => fixed;
    this.#lazy = lazy;
  }

  #derive(rule: (words: Words) => Words): RandomKey {
    return new RandomKey(() => rule(this.#words()), this.#lazy);
  }

  /**
   * `count` keys whose streams are independent of each other and of this key's own. The first keys of a longer
   * split are those of a shorter one.
   *
   * @throws SymgradError `E_RANGE` if `count` is not an integer of at least 1.
   */
  split(count = 2): RandomKey[] {
    assertCount("split", count, 1);
    return Array.from({ length: count }, (_, i) => this.#derive((words) => threefry(words, [i, forSplit])));
  }

  /**
   * The key of a named or numbered part: a step, a layer, an example.
   *
   * @param data An integer from 0 to 2^53 - 1, or any text.
   * @throws SymgradError `E_RANGE` for any other number.
   */
  fold(data: number | string): RandomKey {
    if (typeof data === "string") return this.#derive((words) => absorbText(words, data));
    const [low, high] = toWords("fold", "data", data);
    return this.#derive((words) => threefry(words, [low, (forNumber | high) >>> 0]));
  }

  /**
   * The first `count` words of the key's stream, each uniform over 0 to 2^32 - 1.
   *
   * @throws SymgradError `E_TRACE` if the key stands for an argument of a function that is being traced: the bits
   *   would be baked into the graph. Read it inside `hostTensor`.
   */
  bits(count: number): Uint32Array {
    assertCount("bits", count, 0);
    const out = new Uint32Array(count);
    fillWords(out, this.#words(), 0, forBits);
    return out;
  }

  /** @internal The words `2 * block`, `2 * block + 1`, ... of the stream, for draws of unknown length. */
  fill(out: Uint32Array, block: number): void {
    fillWords(out, this.#words(), block, forBits);
  }

  /** @internal What the cipher is keyed with, for draws that run it themselves. */
  words(): Words {
    return this.#words();
  }

  /** The key as 16 hexadecimal digits, from which {@link RandomKey.parse} makes it again. */
  toString(): string {
    return this.#words()
      .map((word) => word.toString(16).padStart(8, "0"))
      .join("");
  }

  /** @throws SymgradError `E_FORMAT` unless `text` is 16 hexadecimal digits. */
  static parse(text: string): RandomKey {
    if (!/^[0-9a-f]{16}$/i.test(text)) {
      throw new SymgradError(
        "E_FORMAT",
        `RandomKey.parse: expected 16 hexadecimal digits, got ${JSON.stringify(text)}.`,
        { hint: "pass what RandomKey.toString() returned, or make a key from a seed: key(0)" },
      );
    }
    const words = [Number.parseInt(text.slice(0, 8), 16), Number.parseInt(text.slice(8), 16)] as const;
    return new RandomKey(() => words);
  }

  [hostArgument](): { placeholder: RandomKey; bind(actual: unknown): void } {
    let bound: RandomKey | undefined;
    const words = (): Words => {
      if (bound !== undefined) return bound.#words();
      throw new SymgradError(
        "E_TRACE",
        "a random key that is an argument of a traced function was read while tracing: its bits would be baked in.",
        { hint: "draw with uniform, normal, bernoulli or gumbelNoise, or read the key inside hostTensor" },
      );
    };
    return {
      placeholder: new RandomKey(words, true),
      bind(actual) {
        if (!(actual instanceof RandomKey)) throw new TypeError("bind: expected a RandomKey");
        bound = actual;
      },
    };
  }
}

/**
 * The root key of a seed.
 *
 * @param seed An integer from 0 to 2^53 - 1, or any text.
 * @throws SymgradError `E_RANGE` for any other number.
 * @example normal(key(0), [2, 3]).shape; // [2, 3]
 */
export function key(seed: number | string): RandomKey {
  if (typeof seed === "string") return new RandomKey(() => absorbText([0, 0], seed));
  const [low, high] = toWords("key", "seed", seed);
  return new RandomKey(() => [high, low]);
}

/** Chains the cipher over the text's UTF-8 bytes, eight at a time; the length goes first, so no text is a prefix. */
function absorbText(words: Words, text: string): Words {
  const bytes = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / 8) * 8));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  let state = threefry(words, [bytes.length, forText]);
  for (let at = 0; at < padded.byteLength; at += 8) {
    state = threefry(state, [padded.getUint32(at, true), padded.getUint32(at + 4, true)]);
  }
  return state;
}

function toWords(where: string, name: string, value: number): Words {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SymgradError(
      "E_RANGE",
      `${where}: \`${name}\` must be an integer from 0 to 2^53 - 1, got ${value}.`,
      {
        hint: "pass such an integer, or text",
      },
    );
  }
  return [value >>> 0, Math.floor(value / 2 ** 32)];
}

function assertCount(where: string, count: number, least: number): void {
  if (!Number.isSafeInteger(count) || count < least) {
    throw new SymgradError(
      "E_RANGE",
      `${where}: \`count\` must be an integer of at least ${least}, got ${count}.`,
    );
  }
}
