// The kernel of src/word2vec: skip-gram and CBOW over blocks of word ids.
//
// All instances work in one shared memory that src/word2vec/memoryLayout.ts lays out, and update its matrices without
// locks (Recht et al. 2011, arXiv:1106.5730); what is here in globals belongs to one thread. Rows are padded with zeros
// to whole cache lines, and zeros stay zeros under every update.
//
// One step takes the targets of a pair six at a time: one pass over their rows and the input's for the six dot products,
// one for all updates. Within a step, every product is of the rows as they were before it.

/** Targets of a step. */
const GROUP: i32 = 6;
/** A target: the address of its row, and a label. */
const TARGET: i32 = 8;
const LINE_END: i32 = -1;
/** Labels from here on are those of hierarchical softmax, shifted. A label below 0 belongs to no target. */
const HIERARCHICAL: f32 = 2;
const NONE: f32 = -1;
const LARGEST: f32 = 6;

/** Words read by all threads, i64. */
let counter: usize = 0;
let input: usize = 0;
let output: usize = 0;
/** Bytes of a row. */
let stride: usize = 0;
let sigmoids: usize = 0;
/** A word is kept if a draw of 32 bits is below its number here; 0: every word is kept. */
let keep: usize = 0;
let alias: usize = 0;
let vocabulary: u64 = 0;
/** Where each word's Huffman targets start, and the targets; 0 without hierarchical softmax. */
let paths: usize = 0;
let pathTargets: usize = 0;
let window: i32 = 0;
let negatives: i32 = 0;
let shared: bool = false;
let cbow: bool = false;
let mean: bool = false;
let longestSentence: i32 = 0;
let countsLineEnds: bool = false;
let totalWords: f64 = 0;
let startRate: f32 = 0;
let leastRate: f32 = 0;

// This thread's own memory.
let state: usize = 0;
let hidden: usize = 0;
let errors: usize = 0;
let none: usize = 0;
let sentence: usize = 0;
let targets: usize = 0;

let random: u64 = 0;
let rate: f32 = 0;

export function configureMatrices(
  counterAt: usize,
  inputAt: usize,
  outputAt: usize,
  strideBytes: usize,
  sigmoidsAt: usize,
  keepAt: usize,
  aliasAt: usize,
  vocabularySize: u32,
  pathsAt: usize,
  pathTargetsAt: usize,
): void {
  counter = counterAt;
  input = inputAt;
  output = outputAt;
  stride = strideBytes;
  sigmoids = sigmoidsAt;
  keep = keepAt;
  alias = aliasAt;
  vocabulary = vocabularySize;
  paths = pathsAt;
  pathTargets = pathTargetsAt;
}

export function configureTraining(
  windowSize: i32,
  negativeSamples: i32,
  sharedNegatives: bool,
  continuousBag: bool,
  contextMean: bool,
  sentenceWords: i32,
  lineEndsCount: bool,
  words: f64,
  learningRate: f32,
  leastLearningRate: f32,
): void {
  window = windowSize;
  negatives = negativeSamples;
  shared = sharedNegatives;
  cbow = continuousBag;
  mean = contextMean;
  longestSentence = sentenceWords;
  countsLineEnds = lineEndsCount;
  totalWords = words;
  startRate = learningRate;
  leastRate = leastLearningRate;
}

/** `scratch`: the random state u64 in 64 bytes, three rows, the sentence, the targets of a pair. */
export function configureThread(scratch: usize): void {
  state = scratch;
  hidden = scratch + 64;
  errors = hidden + stride;
  none = errors + stride;
  sentence = none + stride;
  targets = sentence + ((<usize>longestSentence * 4 + 15) & ~15);
}

/** Fills input rows `from` up to `to` with numbers uniform over [-0.5, 0.5) * width / dimension. */
export function initialize(from: u32, to: u32, dimension: u32, width: f32): void {
  random = load<u64>(state);
  for (let row = from; row < to; row++) {
    const at = input + <usize>row * stride;
    for (let i: u32 = 0; i < dimension; i++) {
      store<f32>(at + (i << 2), ((<f32>(draw() >> 8) / 16777216 - 0.5) * width) / <f32>dimension);
    }
  }
  store<u64>(state, random);
}

/** Trains on a block of ids. */
export function train(ids: usize, count: i32): void {
  random = load<u64>(state);
  let at: i32 = 0;
  while (at < count) {
    let read: i32 = 0;
    let length: i32 = 0;
    while (at < count) {
      const id = load<i32>(ids + ((<usize>at) << 2));
      at++;
      if (id === LINE_END) {
        if (countsLineEnds) read++;
        break;
      }
      read++;
      if (keep !== 0 && draw() >= load<u32>(keep + ((<usize>id) << 2))) continue;
      store<i32>(sentence + ((<usize>length) << 2), id);
      if (++length === longestSentence) break;
    }
    const before = <f64>atomic.add<i64>(counter, read);
    rate = max(<f32>(startRate * (1 - before / (totalWords + 1))), leastRate);
    if (cbow) trainBags(length);
    else trainPairs(length);
  }
  store<u64>(state, random);
}

/** Skip-gram: each word of the context, as input, predicts the word in the middle. */
function trainPairs(length: i32): void {
  for (let middle = 0; middle < length; middle++) {
    const word = wordAt(middle);
    const reach = window - below(window);
    const from = max(0, middle - reach);
    const to = min(length - 1, middle + reach);
    const path = addPath(targets, word);
    const drawnOnce = shared || negatives === 0;
    let end = drawnOnce ? addNegatives(path, word) : path;
    for (let other = from; other <= to; other++) {
      if (other === middle) continue;
      if (!drawnOnce) end = addNegatives(path, word);
      const row = input + <usize>wordAt(other) * stride;
      if (end === targets + <usize>(GROUP * TARGET)) {
        step(row, row, targets);
      } else {
        clear(errors);
        for (let group = targets; group < end; group += GROUP * TARGET) step(row, errors, group);
        add(row, errors);
      }
    }
  }
}

/** CBOW: the mean (or the sum) of the context predicts the word in the middle. */
function trainBags(length: i32): void {
  for (let middle = 0; middle < length; middle++) {
    const word = wordAt(middle);
    const reach = window - below(window);
    const from = max(0, middle - reach);
    const to = min(length - 1, middle + reach);
    if (from === to) continue;
    gather(from, to, middle);
    clear(errors);
    const end = addNegatives(addPath(targets, word), word);
    for (let group = targets; group < end; group += GROUP * TARGET) step(hidden, errors, group);
    for (let other = from; other <= to; other++) {
      if (other !== middle) add(input + <usize>wordAt(other) * stride, errors);
    }
  }
}

function wordAt(position: i32): i32 {
  return load<i32>(sentence + ((<usize>position) << 2));
}

/** Adds the inner nodes on the way to a word. @returns the end of the targets. */
function addPath(at: usize, word: i32): usize {
  if (paths === 0) return at;
  const from = load<u32>(paths + ((<usize>word) << 2));
  const bytes = (<usize>(load<u32>(paths + ((<usize>word) << 2), 4) - from)) << 3;
  memory.copy(at, pathTargets + ((<usize>from) << 3), bytes);
  return at + bytes;
}

/** Adds the word and its negative samples, and fills the last group. @returns the end of the targets. */
function addNegatives(at: usize, word: i32): usize {
  if (negatives > 0) {
    at = addTarget(at, output + <usize>word * stride, 1);
    for (let i = 0; i < negatives; i++) {
      const other = sample();
      if (other === word) at = addTarget(at, none, NONE);
      else at = addTarget(at, output + <usize>other * stride, 0);
    }
  }
  while (<i32>(at - targets) % (GROUP * TARGET) !== 0) at = addTarget(at, none, NONE);
  return at;
}

function addTarget(at: usize, row: usize, label: f32): usize {
  store<u32>(at, <u32>row);
  store<f32>(at, label, 4);
  return at + TARGET;
}

const GOLDEN: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;
const MIX_A: u64 = (0xbf58476d << 32) | 0x1ce4e5b9;
const MIX_B: u64 = (0x94d049bb << 32) | 0x133111eb;

/** SplitMix64 (Steele, Lea and Flood 2014). */
function draw64(): u64 {
  random += GOLDEN;
  let z = random;
  z = (z ^ (z >> 30)) * MIX_A;
  z = (z ^ (z >> 27)) * MIX_B;
  return z ^ (z >> 31);
}

function draw(): u32 {
  return <u32>(draw64() >> 32);
}

/** Uniform over 0 to count - 1. */
function below(count: i32): i32 {
  return <i32>((<u64>draw() * <u64>count) >> 32);
}

/** A word from the alias table (Walker 1977): the upper bits choose a cell, the lower ones a side of it. */
function sample(): i32 {
  const bits = draw64();
  const cell = ((bits >> 32) * vocabulary) >> 32;
  const at = alias + ((<usize>cell) << 3);
  return <u32>bits < load<u32>(at) ? <i32>cell : load<i32>(at, 4);
}

/** The gradient of the log-likelihood at a target's score, times the learning rate. */
function gradient(score: f32, label: f32): f32 {
  if (label < 0) return 0;
  if (label >= HIERARCHICAL) {
    return score <= -LARGEST || score >= LARGEST ? 0 : (label - HIERARCHICAL - sigmoid(score)) * rate;
  }
  return (label - (score > LARGEST ? 1 : score < -LARGEST ? 0 : sigmoid(score))) * rate;
}

/** word2vec.c's table: 1,000 entries over [-6, 6], read with the whole number 1000 / 6 / 2 = 83. */
function sigmoid(score: f32): f32 {
  return load<f32>(sigmoids + ((<usize>((score + LARGEST) * 83)) << 2));
}

/** a * b + c */
function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Sums of the lanes of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** Updates six target rows for the input row x, and adds x's own update to `e`, which may be x. */
function step(x: usize, e: usize, group: usize): void {
  const o0: usize = load<u32>(group, 0);
  const o1: usize = load<u32>(group, 8);
  const o2: usize = load<u32>(group, 16);
  const o3: usize = load<u32>(group, 24);
  const o4: usize = load<u32>(group, 32);
  const o5: usize = load<u32>(group, 40);
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let s4 = zero;
  let s5 = zero;
  for (let j: usize = 0; j < stride; j += 32) {
    const v = v128.load(x + j);
    s0 = fma(v128.load(o0 + j), v, s0);
    s1 = fma(v128.load(o1 + j), v, s1);
    s2 = fma(v128.load(o2 + j), v, s2);
    s3 = fma(v128.load(o3 + j), v, s3);
    s4 = fma(v128.load(o4 + j), v, s4);
    s5 = fma(v128.load(o5 + j), v, s5);
    const w = v128.load(x + j, 16);
    s0 = fma(v128.load(o0 + j, 16), w, s0);
    s1 = fma(v128.load(o1 + j, 16), w, s1);
    s2 = fma(v128.load(o2 + j, 16), w, s2);
    s3 = fma(v128.load(o3 + j, 16), w, s3);
    s4 = fma(v128.load(o4 + j, 16), w, s4);
    s5 = fma(v128.load(o5 + j, 16), w, s5);
  }
  const first = sums(s0, s1, s2, s3);
  const second = sums(s4, s5, zero, zero);
  const g0 = f32x4.splat(gradient(f32x4.extract_lane(first, 0), load<f32>(group, 4)));
  const g1 = f32x4.splat(gradient(f32x4.extract_lane(first, 1), load<f32>(group, 12)));
  const g2 = f32x4.splat(gradient(f32x4.extract_lane(first, 2), load<f32>(group, 20)));
  const g3 = f32x4.splat(gradient(f32x4.extract_lane(first, 3), load<f32>(group, 28)));
  const g4 = f32x4.splat(gradient(f32x4.extract_lane(second, 0), load<f32>(group, 36)));
  const g5 = f32x4.splat(gradient(f32x4.extract_lane(second, 1), load<f32>(group, 44)));
  // A cache line in four parts, written out: AssemblyScript unrolls no loop.
  for (let j: usize = 0; j < stride; j += 64) {
    let v = v128.load(x + j);
    let sum = v128.load(e + j);
    sum = update(o0 + j, 0, g0, v, sum);
    sum = update(o1 + j, 0, g1, v, sum);
    sum = update(o2 + j, 0, g2, v, sum);
    sum = update(o3 + j, 0, g3, v, sum);
    sum = update(o4 + j, 0, g4, v, sum);
    sum = update(o5 + j, 0, g5, v, sum);
    v128.store(e + j, sum);
    v = v128.load(x + j, 16);
    sum = v128.load(e + j, 16);
    sum = update(o0 + j, 16, g0, v, sum);
    sum = update(o1 + j, 16, g1, v, sum);
    sum = update(o2 + j, 16, g2, v, sum);
    sum = update(o3 + j, 16, g3, v, sum);
    sum = update(o4 + j, 16, g4, v, sum);
    sum = update(o5 + j, 16, g5, v, sum);
    v128.store(e + j, sum, 16);
    v = v128.load(x + j, 32);
    sum = v128.load(e + j, 32);
    sum = update(o0 + j, 32, g0, v, sum);
    sum = update(o1 + j, 32, g1, v, sum);
    sum = update(o2 + j, 32, g2, v, sum);
    sum = update(o3 + j, 32, g3, v, sum);
    sum = update(o4 + j, 32, g4, v, sum);
    sum = update(o5 + j, 32, g5, v, sum);
    v128.store(e + j, sum, 32);
    v = v128.load(x + j, 48);
    sum = v128.load(e + j, 48);
    sum = update(o0 + j, 48, g0, v, sum);
    sum = update(o1 + j, 48, g1, v, sum);
    sum = update(o2 + j, 48, g2, v, sum);
    sum = update(o3 + j, 48, g3, v, sum);
    sum = update(o4 + j, 48, g4, v, sum);
    sum = update(o5 + j, 48, g5, v, sum);
    v128.store(e + j, sum, 48);
  }
}

/** row[offset] += g v. @returns sum + g row[offset], as it was. */
function update(row: usize, offset: usize, g: v128, v: v128, sum: v128): v128 {
  const before = v128.load(row + offset);
  v128.store(row + offset, fma(g, v, before));
  return fma(g, before, sum);
}

/** Puts the sum of the context's rows, or their mean, in `hidden`: a cache line at a time, in registers. */
function gather(from: i32, to: i32, middle: i32): void {
  const factor = f32x4.splat(mean ? 1 / <f32>(to - from) : 1);
  for (let j: usize = 0; j < stride; j += 64) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let other = from; other <= to; other++) {
      if (other === middle) continue;
      const at = input + <usize>wordAt(other) * stride + j;
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
      c = f32x4.add(c, v128.load(at, 32));
      d = f32x4.add(d, v128.load(at, 48));
    }
    v128.store(hidden + j, f32x4.mul(a, factor));
    v128.store(hidden + j, f32x4.mul(b, factor), 16);
    v128.store(hidden + j, f32x4.mul(c, factor), 32);
    v128.store(hidden + j, f32x4.mul(d, factor), 48);
  }
}

function clear(row: usize): void {
  for (let j: usize = 0; j < stride; j += 16) v128.store(row + j, f32x4.splat(0));
}

/** a += b */
function add(a: usize, b: usize): void {
  for (let j: usize = 0; j < stride; j += 16) {
    v128.store(a + j, f32x4.add(v128.load(a + j), v128.load(b + j)));
  }
}
