import { aliasTable } from "../aliasTable";
import { huffmanTree } from "../huffmanTree";
import { keepProbability } from "../keepProbability";
import { noiseWeights } from "../word2VecMemory";
import type { Word2VecModel } from "../word2VecModel";

const MASK = (1n << 64n) - 1n;

/** SplitMix64, the kernel's draws in the kernel's order. */
class Draws {
  #state: bigint;

  constructor(state: bigint) {
    this.#state = state;
  }

  bits64(): bigint {
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & MASK;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  }

  bits32(): number {
    return Number(this.bits64() >> 32n);
  }

  below(count: number): number {
    return Number((BigInt(this.bits32()) * BigInt(count)) >> 32n);
  }
}

type Table = Float32Array[];
/** A row, and 1 or 0: whether it is to answer yes. */
type Target = { row: Float32Array; label: number; path: boolean } | undefined;

const f32 = Math.fround;
const GROUP = 6;

/**
 * word2vec as word2vec.c's page of code has it, in float32, with the draws and the order of sums of the kernel: the
 * numbers are the kernel's, bit for bit, where it has no fused multiply-add.
 *
 * @param sentences Rows of the words; the end of a line is not among them.
 * @param model Whose options and vocabulary are used; its vectors are not.
 */
export function plainWord2Vec(
  sentences: readonly (readonly number[])[],
  { options, vocabulary }: Pick<Word2VecModel, "options" | "vocabulary">,
): { input: Table; output: Table; nodes: Table } {
  const { dimension, windowSize, negativeSamples, epochs, learningRate, minLearningRate } = options;
  const { counts, size, total, hasLineEnd } = vocabulary;
  const [high, low] = options.key.bits(2);
  const draws = new Draws((BigInt(high!) << 32n) | BigInt(low!));
  const rows = (value: () => number): Table =>
    Array.from({ length: size }, () => Float32Array.from({ length: dimension }, value));
  const input = rows(() =>
    f32(f32(f32((draws.bits32() >>> 8) / 2 ** 24 - 0.5) * 2 * options.initialRange) / dimension),
  );
  const [output, nodes] = [rows(() => 0), rows(() => 0)];
  const paths = options.hierarchicalSoftmax ? huffmanTree(counts) : undefined;
  const alias = aliasTable(noiseWeights(vocabulary, options.samplingExponent));
  const keep = [...counts].map((count) =>
    keepProbability({ frequency: count / total, threshold: options.sample, rule: options.subsampling }),
  );
  const sigmoids = Float32Array.from({ length: 1000 }, (_, i) => 1 / (1 + Math.exp(-(i / 500 - 1) * 6)));
  const sigmoid = (x: number) => sigmoids[Math.trunc(f32(f32(x + 6) * 83))]!;
  const sample = () => {
    const bits = draws.bits64();
    const cell = Number(((bits >> 32n) * BigInt(size)) >> 32n);
    return Number(bits & 0xffffffffn) < alias.thresholds[cell]! ? cell : alias.aliases[cell]!;
  };
  /** Four sums side by side, then those. */
  const dot = (a: Float32Array, b: Float32Array) => {
    const lanes = [0, 0, 0, 0];
    for (const i of a.keys()) lanes[i % 4] = f32(lanes[i % 4]! + f32(a[i]! * b[i]!));
    return f32(f32(lanes[0]! + lanes[2]!) + f32(lanes[1]! + lanes[3]!));
  };
  const add = (a: Float32Array, b: Float32Array) => {
    for (const i of a.keys()) a[i]! += b[i]!;
  };

  let read = 0;
  let rate = 0;
  const gradient = (score: number, { label, path }: NonNullable<Target>) => {
    if (Math.abs(score) < 6 || (Math.abs(score) === 6 && !path))
      return f32(f32(label - sigmoid(score)) * rate);
    return path ? 0 : f32((label - (score > 6 ? 1 : 0)) * rate);
  };
  const targetsOf = (word: number): { path: Target[]; noise: () => Target[] } => ({
    path: (paths?.[word]?.nodes ?? []).map((node, i) => ({
      row: nodes[node]!,
      label: 1 - paths![word]!.code[i]!,
      path: true,
    })),
    noise() {
      if (negativeSamples === 0) return [];
      const others = Array.from({ length: negativeSamples }, sample);
      return [word, ...others].map((other, i) =>
        i > 0 && other === word ? undefined : { row: output[other]!, label: Number(i === 0), path: false },
      );
    },
  });
  /** Updates the targets' rows six at a time, all products before the updates, and adds the input's update to `error`. */
  const learn = (x: Float32Array, error: Float32Array, targets: Target[]) => {
    for (let at = 0; at < targets.length; at += GROUP) {
      const group = targets.slice(at, at + GROUP).filter((target) => target !== undefined);
      const steps = group.map((target) => ({ row: target.row, g: gradient(dot(x, target.row), target) }));
      for (const i of x.keys()) {
        const value = x[i]!;
        for (const { row, g } of steps) {
          const before = row[i]!;
          row[i] = before + f32(g * value);
          error[i]! += f32(g * before);
        }
      }
    }
  };

  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const line of sentences) {
      const kept = line.filter((word) => options.sample === 0 || draws.bits32() < keep[word]! * 2 ** 32);
      rate = Math.max(f32(f32(learningRate) * (1 - read / (epochs * total + 1))), f32(minLearningRate));
      read += line.length + Number(hasLineEnd);
      for (const [middle, word] of kept.entries()) {
        const reach = windowSize - draws.below(windowSize);
        const from = Math.max(0, middle - reach);
        const context = kept.slice(from, middle + reach + 1).filter((_, i) => from + i !== middle);
        const { path, noise } = targetsOf(word);
        if (options.architecture === "cbow") {
          if (context.length === 0) continue;
          const [hidden, error] = [new Float32Array(dimension), new Float32Array(dimension)];
          for (const other of context) add(hidden, input[other]!);
          const factor = options.cbowInput === "mean" ? f32(1 / context.length) : 1;
          for (const i of hidden.keys()) hidden[i]! *= factor;
          learn(hidden, error, [...path, ...noise()]);
          for (const other of context) add(input[other]!, error);
        } else {
          let targets = options.sharedNegatives ? [...path, ...noise()] : [];
          for (const other of context) {
            if (!options.sharedNegatives) targets = [...path, ...noise()];
            const x = input[other]!;
            if (targets.length <= GROUP) {
              learn(x, x, targets);
            } else {
              const error = new Float32Array(dimension);
              learn(x, error, targets);
              add(x, error);
            }
          }
        }
      }
    }
  }
  return { input, output, nodes };
}
