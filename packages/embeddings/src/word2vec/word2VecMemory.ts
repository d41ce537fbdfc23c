import { sharedMemory, type WasmMemory } from "../kernel/webAssembly";
import type { Vocabulary } from "../vocabulary/vocabulary";
import { aliasTable } from "./aliasTable";
import { type HuffmanPath, huffmanTree } from "./huffmanTree";
import { keepProbability } from "./keepProbability";
import type { ResolvedWord2VecOptions } from "./word2VecOptions";

/** Ids in a block: what a thread is given at a time. */
export const BLOCK_WORDS = 16_384;
/** Blocks that wait for a thread, and the one it works on. */
export const BLOCKS_PER_THREAD = 2;

const LINE = 64;
/** A target of the kernel: the address of its row u32, a label f32. */
const TARGET = 8;
const GROUP = 6;
/** Labels of hierarchical softmax are 1 - code, shifted. */
const HIERARCHICAL = 2;
/** No Huffman code of counts below 2^53 is longer. */
const LONGEST_CODE = 78;

/**
 * The memory that the kernel's threads share, laid out and filled with all but the matrices. Addresses are bytes.
 *
 * | what | size |
 * | --- | --- |
 * | words read, i64 | a cache line |
 * | sigmoid table, f32 | 1,000 |
 * | keep, u32; alias table, (u32, u32) | vocabulary |
 * | Huffman paths: starts u32, targets | vocabulary + 1, all code lengths |
 * | each thread's scratch, blocks of ids i32 | threads |
 * | input, output (negative sampling), inner nodes (hierarchical softmax), f32 | vocabulary rows each |
 */
export class Word2VecMemory {
  readonly memory: WasmMemory;
  /** Bytes of a row. */
  readonly stride: number;
  readonly #at: Record<
    "counter" | "sigmoids" | "keep" | "alias" | "paths" | "targets" | "scratch" | "blocks",
    number
  >;
  readonly #input: number;
  readonly #output: number;
  readonly #nodes: number;
  readonly #scratch: number;
  readonly #vocabulary: Vocabulary;
  readonly #options: ResolvedWord2VecOptions;

  /** @throws SymgradError `E_MEMORY` if it takes more than WebAssembly, or the machine, has. */
  constructor(vocabulary: Vocabulary, options: ResolvedWord2VecOptions) {
    const { dimension, threads, negativeSamples, hierarchicalSoftmax, sentenceWords, sample } = options;
    const { size } = vocabulary;
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.stride = align(dimension * 4);
    const paths = hierarchicalSoftmax ? huffmanTree(vocabulary.counts) : [];
    const pathTargets = paths.reduce((sum, { nodes }) => sum + nodes.length, 0);
    const pairTargets = LONGEST_CODE + 1 + negativeSamples + GROUP;
    this.#scratch = align(64 + 3 * this.stride + align(4 * sentenceWords) + TARGET * pairTargets);
    let end = 0;
    const take = (bytes: number) => {
      const at = end + LINE;
      end = at + align(bytes);
      return at;
    };
    this.#at = {
      counter: take(8),
      sigmoids: take(4000),
      keep: take(sample > 0 ? 4 * size : 0),
      alias: take(negativeSamples > 0 ? 8 * size : 0),
      paths: take(hierarchicalSoftmax ? 4 * (size + 1) : 0),
      targets: take(TARGET * pathTargets),
      scratch: take(this.#scratch * threads),
      blocks: take(4 * BLOCK_WORDS * BLOCKS_PER_THREAD * threads),
    };
    this.#input = take(size * this.stride);
    this.#output = negativeSamples > 0 ? take(size * this.stride) : 0;
    this.#nodes = hierarchicalSoftmax ? take(size * this.stride) : 0;
    this.memory = sharedMemory(end + LINE, {
      what: `training ${size} words x ${dimension} dimensions`,
      hint: "raise minCount, set maxWords, or lower dimension",
    });
    this.#fillSigmoids();
    if (sample > 0) this.#fillKeep();
    if (negativeSamples > 0) this.#fillAlias();
    if (hierarchicalSoftmax) this.#fillPaths(paths);
  }

  /** Where a block starts. */
  block(index: number): number {
    return this.#at.blocks + 4 * BLOCK_WORDS * index;
  }

  /** A thread's random state, a whole number of 64 bits. */
  randomState(thread: number): BigUint64Array {
    return new BigUint64Array(this.memory.buffer, this.#at.scratch + thread * this.#scratch, 1);
  }

  /** Words read by all threads. */
  get counter(): BigInt64Array {
    return new BigInt64Array(this.memory.buffer, this.#at.counter, 1);
  }

  /** What the kernel's `configure...` functions are told, for one thread. */
  configuration(thread: number): [name: string, ...args: number[]][] {
    const { counter, sigmoids, keep, alias, paths, targets, scratch } = this.#at;
    const options = this.#options;
    const { size, hasLineEnd, total } = this.#vocabulary;
    return [
      [
        "configureMatrices",
        ...[counter, this.#input, this.#output, this.stride, sigmoids],
        ...[options.sample > 0 ? keep : 0, alias, size, options.hierarchicalSoftmax ? paths : 0, targets],
      ],
      [
        "configureTraining",
        ...[options.windowSize, options.negativeSamples, Number(options.sharedNegatives)],
        ...[
          Number(options.architecture === "cbow"),
          Number(options.cbowInput === "mean"),
          options.sentenceWords,
        ],
        ...[Number(hasLineEnd), options.epochs * total, options.learningRate, options.minLearningRate],
      ],
      ["configureThread", scratch + thread * this.#scratch],
    ];
  }

  /** Copies a matrix out of the padded rows: float32 [words, dimension]. */
  read(matrix: "input" | "output" | "nodes"): Float32Array {
    const { dimension } = this.#options;
    const table = new Float32Array(this.#vocabulary.size * dimension);
    for (let row = 0; row < this.#vocabulary.size; row++) table.set(this.row(matrix, row), row * dimension);
    return table;
  }

  /** Copies a matrix in: float32 [words, dimension]. */
  write(matrix: "input" | "output" | "nodes", table: Float32Array): void {
    const { dimension } = this.#options;
    for (let row = 0; row < this.#vocabulary.size; row++) {
      this.row(matrix, row).set(table.subarray(row * dimension, (row + 1) * dimension));
    }
  }

  /** A view of a row, float32 [dimension]. */
  row(matrix: "input" | "output" | "nodes", row: number): Float32Array {
    const start = { input: this.#input, output: this.#output, nodes: this.#nodes }[matrix];
    return new Float32Array(this.memory.buffer, start + row * this.stride, this.#options.dimension);
  }

  /** As word2vec.c fills it: entry i is the sigmoid of (i / 1000 * 2 - 1) * 6. */
  #fillSigmoids(): void {
    const table = new Float32Array(this.memory.buffer, this.#at.sigmoids, 1000);
    for (const i of table.keys()) table[i] = 1 / (1 + Math.exp(-(i / 500 - 1) * 6));
  }

  #fillKeep(): void {
    const { sample: threshold, subsampling: rule } = this.#options;
    const { counts, size, total } = this.#vocabulary;
    const keep = new Uint32Array(this.memory.buffer, this.#at.keep, size);
    for (let row = 0; row < size; row++) {
      const probability = keepProbability({ frequency: counts[row]! / total, threshold, rule });
      keep[row] = Math.min(2 ** 32 - 1, probability * 2 ** 32);
    }
  }

  #fillAlias(): void {
    const { thresholds, aliases } = aliasTable(
      noiseWeights(this.#vocabulary, this.#options.samplingExponent),
    );
    const table = new Uint32Array(this.memory.buffer, this.#at.alias, 2 * thresholds.length);
    for (const [row, threshold] of thresholds.entries()) table.set([threshold, aliases[row]!], 2 * row);
  }

  #fillPaths(paths: readonly HuffmanPath[]): void {
    const starts = new Uint32Array(this.memory.buffer, this.#at.paths, paths.length + 1);
    const view = new DataView(this.memory.buffer, this.#at.targets);
    let target = 0;
    for (const [row, { nodes, code }] of paths.entries()) {
      starts[row] = target;
      for (const [i, node] of nodes.entries()) {
        view.setUint32(TARGET * target, this.#nodes + node * this.stride, true);
        view.setFloat32(TARGET * target + 4, HIERARCHICAL + 1 - code[i]!, true);
        target++;
      }
    }
    starts[paths.length] = target;
  }
}

/**
 * How often each word is drawn as noise: count^exponent. As in word2vec.c, where the end of a line is drawn, any other
 * word takes its place.
 */
export function noiseWeights({ counts, hasLineEnd, size }: Vocabulary, exponent: number): Float64Array {
  const weights = counts.map((count) => count ** exponent);
  if (!hasLineEnd || size === 1) return weights;
  const share = counts[0] === 0 ? 0 : weights[0]! / (size - 1);
  return weights.map((weight, row) => (row === 0 ? 0 : weight + share));
}

function align(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE;
}
