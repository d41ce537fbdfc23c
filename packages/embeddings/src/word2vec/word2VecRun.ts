import { SymgradError } from "@symgrad/core";
import type { Corpus } from "../corpus/corpus";
import { FreeBlocks } from "../kernel/freeBlocks";
import { type KernelThreads, kernelThreads } from "../kernel/kernelThreads";
import { compileFirst, type WasmModule } from "../kernel/webAssembly";
import type { Vocabulary } from "../vocabulary/vocabulary";
import { wordIds } from "../vocabulary/wordIds";
import { LINE_END } from "../vocabulary/wordTable";
import { WordVectors } from "../wordVectors";
import type { TrainWord2VecHooks, TrainWord2VecOptions } from "./trainWord2Vec";
import { BLOCK_WORDS, BLOCKS_PER_THREAD, type Word2VecMemory } from "./word2VecMemory";
import type { Word2VecModel, Word2VecProgress } from "./word2VecModel";
import type { ResolvedWord2VecOptions } from "./word2VecOptions";
import { word2vecRelaxedWasm } from "./word2vecRelaxedWasm";
import { word2vecWasm } from "./word2vecWasm";

let module: WasmModule | undefined;

/** One training: the threads over a memory, and how far they are. */
export class Word2VecRun {
  readonly #memory: Word2VecMemory;
  readonly #vocabulary: Vocabulary;
  readonly #options: ResolvedWord2VecOptions;
  readonly #threads: KernelThreads;
  #words: number;
  #epoch: number;
  #epochWords: number;

  private constructor(
    memory: Word2VecMemory,
    vocabulary: Vocabulary,
    options: ResolvedWord2VecOptions,
    progress: Word2VecProgress,
  ) {
    module ??= compileFirst(word2vecRelaxedWasm, word2vecWasm);
    this.#memory = memory;
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.#threads = kernelThreads(module, memory.memory, options.threads);
    this.#words = progress.words;
    this.#epoch = progress.epoch;
    this.#epochWords = progress.epochWords;
  }

  /** Starts the threads; {@link train} stops them. */
  static async start(
    memory: Word2VecMemory,
    vocabulary: Vocabulary,
    options: ResolvedWord2VecOptions,
    progress: Word2VecProgress,
  ): Promise<Word2VecRun> {
    memory.counter[0] = BigInt(progress.words);
    for (const [thread, state] of progress.randomStates.entries()) memory.randomState(thread)[0] = state;
    const run = new Word2VecRun(memory, vocabulary, options, progress);
    for (let thread = 0; thread < options.threads; thread++) {
      for (const [name, ...args] of memory.configuration(thread))
        await run.#threads.call(thread, name, ...args);
    }
    return run;
  }

  /** Input vectors at random, outputs 0; then what `initial` knows of the words. */
  async initialize(initial: TrainWord2VecOptions["initial"]): Promise<void> {
    const { dimension, initialRange } = this.#options;
    await this.#threads.call(0, "initialize", 0, this.#vocabulary.size, dimension, 2 * initialRange);
    if (initial === undefined) return;
    if (initial.vectors.dimension !== dimension) {
      throw new SymgradError(
        "E_RANGE",
        `initial has ${initial.vectors.dimension} dimensions, wanted ${dimension}`,
        { where: "trainWord2Vec", hint: `set dimension: ${initial.vectors.dimension}` },
      );
    }
    for (const [row, word] of this.#vocabulary.words.entries()) {
      const from = initial.vectors.row(word);
      if (from === undefined) continue;
      const part = (table: Float32Array) => table.subarray(from * dimension, (from + 1) * dimension);
      this.#memory.row("input", row).set(part(initial.vectors.values));
      if (initial.output && this.#options.negativeSamples > 0)
        this.#memory.row("output", row).set(part(initial.output));
    }
    // Inner nodes stand for sets of words: they mean something in the same vocabulary only.
    const same = this.#vocabulary.words.every((word, row) => initial.vectors.words[row] === word);
    if (initial.nodes && this.#options.hierarchicalSoftmax && same)
      this.#memory.write("nodes", initial.nodes);
  }

  /** Reads the corpus to the end of the last epoch, or until the signal. */
  async train(corpus: Corpus, { onProgress, signal }: TrainWord2VecHooks): Promise<Word2VecModel> {
    const { epochs } = this.#options;
    const blocks = new FreeBlocks(this.#threads.count * BLOCKS_PER_THREAD);
    const totalWords = epochs * this.#vocabulary.total;
    const [started, before] = [performance.now(), this.#words];
    try {
      while (this.#epoch < epochs && !signal?.aborted) {
        for await (const ids of wordIds(corpus, this.#vocabulary, {
          capacity: BLOCK_WORDS,
          skip: this.#epochWords,
        })) {
          const block = await blocks.take();
          if (signal?.aborted) {
            blocks.give(block);
            break;
          }
          this.#dispatch(ids, block, blocks);
          const wordsPerSecond = (this.#words - before) / ((performance.now() - started) / 1000);
          onProgress?.({ phase: "training", words: this.#words, totalWords, wordsPerSecond });
        }
        if (signal?.aborted) break;
        if (this.#epochWords === 0) throw this.#foreign(corpus);
        this.#epoch++;
        this.#epochWords = 0;
      }
      await blocks.all();
    } finally {
      this.#threads.stop();
    }
    return this.#model();
  }

  /** Copies a block of ids to the memory, and gives it to its thread. */
  #dispatch(ids: Int32Array, block: number, blocks: FreeBlocks): void {
    const at = this.#memory.block(block);
    new Int32Array(this.#memory.memory.buffer, at, ids.length).set(ids);
    this.#threads.call(block % this.#threads.count, "train", at, ids.length).then(
      () => blocks.give(block),
      (error) => blocks.fail(error),
    );
    const words = this.#vocabulary.hasLineEnd
      ? ids.length
      : ids.reduce((n, id) => n + Number(id !== LINE_END), 0);
    this.#words += words;
    this.#epochWords += words;
  }

  #foreign({ name }: Corpus): SymgradError {
    const { size } = this.#vocabulary;
    return new SymgradError("E_VOCABULARY", `${name} holds none of the vocabulary's ${size} words`, {
      where: "trainWord2Vec",
      hint: "give the vocabulary of this text, or none, and its words are counted",
    });
  }

  #model(): Word2VecModel {
    const { negativeSamples, hierarchicalSoftmax, dimension, threads, epochs } = this.#options;
    const { words } = this.#vocabulary;
    return {
      vectors: new WordVectors({ words, dimension, values: this.#memory.read("input") }),
      vocabulary: this.#vocabulary,
      output: negativeSamples > 0 ? this.#memory.read("output") : undefined,
      nodes: hierarchicalSoftmax ? this.#memory.read("nodes") : undefined,
      options: this.#options,
      progress: {
        words: this.#words,
        epoch: this.#epoch,
        epochWords: this.#epochWords,
        randomStates: Array.from({ length: threads }, (_, thread) => this.#memory.randomState(thread)[0]!),
        complete: this.#epoch === epochs,
      },
    };
  }
}
