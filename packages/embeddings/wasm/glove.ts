// The kernel of src/glove: AdaGrad over records of word pairs, as Stanford's glove.c does it, in float32.
//
// All instances work in one shared memory without locks. A row is a vector, padded with zeros to a whole number of four,
// its accumulated squared gradients, the bias and the bias's squared gradients, padded to whole cache lines. A record is
// as in GloVe's files: word i32 and context i32, from 1 on, and the weight x, f64.

const RECORD: usize = 16;

let words: usize = 0;
let contexts: usize = 0;
/** Bytes of a row, and of its vector. */
let stride: usize = 0;
let vector: usize = 0;
let rate: f32 = 0;
let clip: f32 = 0;
let exponent: f32 = 0;
let logLargest: f32 = 0;

let random: u64 = 0;

export function configure(
  wordsAt: usize,
  contextsAt: usize,
  strideBytes: usize,
  vectorBytes: usize,
  learningRate: f32,
  gradientClip: f32,
  weightExponent: f32,
  logWeightMaximum: f32,
): void {
  words = wordsAt;
  contexts = contextsAt;
  stride = strideBytes;
  vector = vectorBytes;
  rate = learningRate;
  clip = gradientClip;
  exponent = weightExponent;
  logLargest = logWeightMaximum;
}

/** Fills `count` rows at `rows`: numbers uniform over [-0.5, 0.5) / dimension, squared gradients 1. */
export function initialize(rows: usize, count: u32, dimension: u32, seedHigh: u32, seedLow: u32): void {
  random = ((<u64>seedHigh) << 32) | seedLow;
  for (let row: u32 = 0; row < count; row++) {
    const at = rows + <usize>row * stride;
    for (let i: u32 = 0; i < dimension; i++) store<f32>(at + (i << 2), uniform(dimension));
    for (let i: usize = vector; i < 2 * vector; i += 4) store<f32>(at + i, 1);
    store<f32>(at + 2 * vector, uniform(dimension));
    store<f32>(at + 2 * vector, 1, 4);
  }
}

function uniform(dimension: u32): f32 {
  return (<f32>(<u32>(draw() >> 40)) / 16777216 - 0.5) / <f32>dimension;
}

const GOLDEN: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;
const MIX_A: u64 = (0xbf58476d << 32) | 0x1ce4e5b9;
const MIX_B: u64 = (0x94d049bb << 32) | 0x133111eb;

/** SplitMix64 (Steele, Lea and Flood 2014). */
function draw(): u64 {
  random += GOLDEN;
  let z = random;
  z = (z ^ (z >> 30)) * MIX_A;
  z = (z ^ (z >> 27)) * MIX_B;
  return z ^ (z >> 31);
}

/** Trains on `count` records. @returns the sum of their losses, each before its update. */
export function train(records: usize, count: i32): f64 {
  let loss: f64 = 0;
  const end = records + <usize>count * RECORD;
  for (let record = records; record < end; record += RECORD) {
    const w = words + <usize>(load<u32>(record) - 1) * stride;
    const c = contexts + <usize>(load<u32>(record, 4) - 1) * stride;
    const logX = Mathf.log(<f32>load<f64>(record, 8));
    const biases = load<f32>(w + 2 * vector) + load<f32>(c + 2 * vector);
    const difference = dot(w, c) + biases - logX;
    const weight: f32 = logX >= logLargest ? 1 : Mathf.exp(exponent * (logX - logLargest));
    const gradient = weight * difference;
    if (gradient - gradient !== 0) continue; // not finite
    loss += 0.5 * <f64>gradient * <f64>difference;
    update(w, c, gradient);
    updateBias(w + 2 * vector, gradient);
    updateBias(c + 2 * vector, gradient);
  }
  return loss;
}

function dot(w: usize, c: usize): f32 {
  let a = f32x4.splat(0);
  let b = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 32 <= vector; j += 32) {
    a = f32x4.add(a, f32x4.mul(v128.load(w + j), v128.load(c + j)));
    b = f32x4.add(b, f32x4.mul(v128.load(w + j, 16), v128.load(c + j, 16)));
  }
  if (j < vector) a = f32x4.add(a, f32x4.mul(v128.load(w + j), v128.load(c + j)));
  a = f32x4.add(a, b);
  return (
    f32x4.extract_lane(a, 0) +
    f32x4.extract_lane(a, 2) +
    (f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3))
  );
}

/** As in glove.c, the accumulated gradients have the learning rate in them. */
function update(w: usize, c: usize, gradient: f32): void {
  const g = f32x4.splat(gradient);
  const eta = f32x4.splat(rate);
  const most = f32x4.splat(clip);
  const least = f32x4.splat(-clip);
  for (let j: usize = 0; j < vector; j += 16) {
    const wv = v128.load(w + j);
    const cv = v128.load(c + j);
    const ws = v128.load(w + vector + j);
    const cs = v128.load(c + vector + j);
    const wg = f32x4.mul(f32x4.pmin(f32x4.pmax(f32x4.mul(g, cv), least), most), eta);
    const cg = f32x4.mul(f32x4.pmin(f32x4.pmax(f32x4.mul(g, wv), least), most), eta);
    v128.store(w + j, f32x4.sub(wv, f32x4.div(wg, f32x4.sqrt(ws))));
    v128.store(c + j, f32x4.sub(cv, f32x4.div(cg, f32x4.sqrt(cs))));
    v128.store(w + vector + j, f32x4.add(ws, f32x4.mul(wg, wg)));
    v128.store(c + vector + j, f32x4.add(cs, f32x4.mul(cg, cg)));
  }
}

/** As in glove.c, without the learning rate. */
function updateBias(at: usize, gradient: f32): void {
  const squares = load<f32>(at, 4);
  store<f32>(at, load<f32>(at) - gradient / Mathf.sqrt(squares));
  store<f32>(at, squares + gradient * gradient, 4);
}

/** Shuffles `count` records by a state of 64 bits (Fisher and Yates; Durstenfeld 1964). */
export function shuffle(records: usize, count: u32, seedHigh: u32, seedLow: u32): void {
  random = ((<u64>seedHigh) << 32) | seedLow;
  for (let left = count; left > 1; left--) {
    const a = records + <usize>(((draw() >> 32) * left) >> 32) * RECORD;
    const b = records + <usize>(left - 1) * RECORD;
    const record = v128.load(a);
    v128.store(a, v128.load(b));
    v128.store(b, record);
  }
}
