import type { Command } from "commander";

/** A command's file: adds arguments, options and the action to the command that stands for it. */
export interface CommandModule {
  define(command: Command): void;
}

export interface CommandEntry {
  /** The words that call it: `["train", "qa"]`. */
  path: readonly string[];
  summary: string;
  /** What the first word stands for, once per group. */
  groupSummary?: string;
  /** Options may be written with one dash, `-size 100`, as word2vec.c and GloVe have them. */
  oneDash?: boolean;
  load(): Promise<CommandModule>;
}

/** All commands, in the order of the help. */
export const commandTable: readonly CommandEntry[] = [
  {
    path: ["demo"],
    summary: "train a small reader that asks a calculator, and show what it learned",
    load: () => import("./commands/demo"),
  },
  {
    path: ["doctor"],
    summary: "say which backends work here, and what to do about those that do not",
    load: () => import("./commands/doctor"),
  },
  {
    path: ["data", "synthetic"],
    summary: "write synthetic questions that need arithmetic",
    groupSummary: "make training data",
    load: () => import("./commands/dataSynthetic"),
  },
  {
    path: ["data", "swap"],
    summary: "swap the numbers that a DROP file's comparison questions compare",
    load: () => import("./commands/dataSwap"),
  },
  {
    path: ["train", "qa"],
    summary: "train a reader with a symbolic function between its two passes",
    groupSummary: "train a model",
    load: () => import("./commands/trainQa"),
  },
  {
    path: ["pretrain"],
    summary: "pretrain a BERT on text files: hidden tokens and next sentences",
    load: () => import("./commands/pretrain"),
  },
  {
    path: ["eval", "qa"],
    summary: "score a reader on questions with known answers",
    groupSummary: "score a trained model",
    load: () => import("./commands/evalQa"),
  },
  {
    path: ["score", "drop"],
    summary: "score a file of answers to DROP's questions with the official metric",
    groupSummary: "score answers that are in a file",
    load: () => import("./commands/scoreDrop"),
  },
  {
    path: ["score", "squad"],
    summary: "score a file of answers to SQuAD's questions with the official metric",
    load: () => import("./commands/scoreSquad"),
  },
  {
    path: ["predict", "qa"],
    summary: "answer questions with a trained reader",
    groupSummary: "use a trained model",
    load: () => import("./commands/predictQa"),
  },
  {
    path: ["explain"],
    summary: "show which words an answer rests on",
    load: () => import("./commands/explain"),
  },
  {
    path: ["report"],
    summary: "write a page with a run's curves, scores, use of its function, and explained answers",
    load: () => import("./commands/report"),
  },
  {
    path: ["export"],
    summary: "write a reader as ONNX files that run without training code, also in @huggingface/transformers",
    load: () => import("./commands/export"),
  },
  {
    path: ["plugin", "new"],
    summary: "make a package for a function of your own",
    groupSummary: "write functions of your own",
    load: () => import("./commands/pluginNew"),
  },
  {
    path: ["plugin", "test"],
    summary: "check a plugin against the contract, and run its tests",
    load: () => import("./commands/pluginTest"),
  },
  {
    path: ["plugin", "list"],
    summary: "list the functions that a reader may call",
    load: () => import("./commands/pluginList"),
  },
  {
    path: ["estimators"],
    summary: "measure every gradient estimator: bias, deviation and cost against the exact gradient",
    load: () => import("./commands/estimators"),
  },
  {
    path: ["reproduce"],
    summary: "train and score the cells of the paper's tables, beside the paper's numbers",
    load: () => import("./commands/reproduce"),
  },
  {
    path: ["embed", "train"],
    summary: "train word vectors: word2vec.c's command line, and its files",
    groupSummary: "train and use word vectors",
    oneDash: true,
    load: () => import("./commands/embedTrain"),
  },
  {
    path: ["embed", "phrases"],
    summary: "make one word of words that belong together: word2phrase's command line",
    oneDash: true,
    load: () => import("./commands/embedPhrases"),
  },
  {
    path: ["embed", "vocab"],
    summary: "count the words of a text",
    oneDash: true,
    load: () => import("./commands/embedVocab"),
  },
  {
    path: ["embed", "cooccur"],
    summary: "count how often words stand near each other: the records of GloVe's cooccur",
    oneDash: true,
    load: () => import("./commands/embedCooccur"),
  },
  {
    path: ["embed", "merge"],
    summary: "add up the records that embed cooccur counted in shards",
    load: () => import("./commands/embedMerge"),
  },
  {
    path: ["embed", "glove"],
    summary: "train GloVe's vectors: the command line of its C code, and its files",
    oneDash: true,
    load: () => import("./commands/embedGlove"),
  },
  {
    path: ["embed", "eval"],
    summary: "score word vectors on similarity and analogy sets",
    load: () => import("./commands/embedEval"),
  },
  {
    path: ["embed", "neighbors"],
    summary: "show the words nearest to a word",
    load: () => import("./commands/embedNeighbors"),
  },
  {
    path: ["embed", "analogy"],
    summary: "answer: a is to b as c is to what?",
    load: () => import("./commands/embedAnalogy"),
  },
  {
    path: ["embed", "similarity"],
    summary: "show the cosine of two words",
    load: () => import("./commands/embedSimilarity"),
  },
  {
    path: ["embed", "map"],
    summary: "draw words as a map, near ones near, in one HTML file",
    load: () => import("./commands/embedMap"),
  },
  {
    path: ["embed", "convert"],
    summary: "write word vectors in another form",
    load: () => import("./commands/embedConvert"),
  },
];
