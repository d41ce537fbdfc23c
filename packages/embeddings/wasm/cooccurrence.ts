// The kernel of src/glove/cooccurrenceTable.ts: how often words stand near each other, in a hash table of pairs.
//
// A weight is 1 / distance as a multiple of 2^-24, so that sums are exact up to 2^29 and do not depend on their order.

const IDS: i32 = 1 << 16;
const LINE_END: i32 = -1;
/** The largest window. */
const WINDOW: i32 = 4096;
/** A pair: key u64, weight f64. The key 0 is an empty slot. */
const PAIR: usize = 16;

export const capacity: i32 = IDS;
/** Address of the ids of a call. */
export const ids: usize = memory.data(IDS << 2, 16);
const history: usize = memory.data(WINDOW << 2, 16);
const weights: usize = memory.data(WINDOW << 3, 16);

/** Address of the slots. */
export let table: usize = 0;
export let slots: u32 = 0;
/** Slots that are taken. */
export let used: u32 = 0;

let limit: u32 = 0;
let window: i32 = 0;
let symmetric: bool = false;
/** Words of the line so far. */
let line: i32 = 0;

/** Starts anew, with 2^bits slots and at most 2^mostBits. */
export function start(bits: u32, mostBits: u32, windowSize: i32, both: bool, weighted: bool): void {
  window = windowSize;
  symmetric = both;
  line = 0;
  limit = 1 << mostBits;
  for (let distance = 1; distance <= windowSize; distance++) {
    const weight: f64 = weighted ? Math.round(16777216.0 / distance) / 16777216.0 : 1;
    store<f64>(weights + ((distance - 1) << 3), weight);
  }
  slots = 1 << bits;
  table = take(<usize>slots * PAIR);
  clear();
}

/** Forgets all pairs. */
export function clear(): void {
  memory.fill(table, 0, <usize>slots * PAIR);
  used = 0;
}

/**
 * Counts the pairs of `ids` from `from` up to `to`; `counting` false only moves on.
 * @returns where it stopped: at `to`, or before a word whose pairs may not find room.
 */
export function count(from: i32, to: i32, counting: bool): i32 {
  for (let at = from; at < to; at++) {
    const word = load<i32>(ids + (at << 2));
    if (word === LINE_END) {
      line = 0;
      continue;
    }
    if (counting) {
      if (used + window > slots - (slots >> 2)) {
        if (slots === limit) return at;
        grow();
      }
      const reach = min(line, window);
      for (let distance = 1; distance <= reach; distance++) {
        const other = load<i32>(history + (((line - distance) % window) << 2));
        const weight = load<f64>(weights + ((distance - 1) << 3));
        if (!symmetric) add(other, word, weight);
        else if (other === word) add(word, word, 2 * weight);
        else add(min(word, other), max(word, other), weight);
      }
    }
    store<i32>(history + ((line % window) << 2), word);
    line++;
  }
  return to;
}

/** Adds `count` pairs that lie at `from` as the table holds them. @returns how many found room. */
export function addPairs(from: usize, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    if (used >= slots - (slots >> 2)) {
      if (slots === limit) return i;
      grow();
    }
    const pair = from + <usize>i * PAIR;
    addKey(load<u64>(pair), load<f64>(pair, 8));
  }
  return count;
}

function add(a: i32, b: i32, weight: f64): void {
  addKey(((<u64>a + 1) << 32) | (<u64>b + 1), weight);
}

function addKey(key: u64, weight: f64): void {
  const slot = slotOf(key);
  if (load<u64>(slot) === 0) {
    store<u64>(slot, key);
    used++;
  }
  store<f64>(slot, load<f64>(slot, 8) + weight, 8);
}

const MULTIPLIER: u64 = (0x9e3779b9 << 32) | 0x7f4a7c15;

function slotOf(key: u64): usize {
  const product = key * MULTIPLIER;
  let index = <u32>(product >> 32) ^ <u32>(product >> 45);
  while (true) {
    const slot = table + <usize>(index & (slots - 1)) * PAIR;
    const other = load<u64>(slot);
    if (other === key || other === 0) return slot;
    index++;
  }
}

/** Doubles the table; the old one's memory is not given back. */
function grow(): void {
  const before = table;
  const end = table + <usize>slots * PAIR;
  slots <<= 1;
  table = take(<usize>slots * PAIR);
  memory.fill(table, 0, <usize>slots * PAIR);
  for (let pair = before; pair < end; pair += PAIR) {
    const key = load<u64>(pair);
    if (key === 0) continue;
    const slot = slotOf(key);
    store<u64>(slot, key);
    store<f64>(slot, load<f64>(pair, 8), 8);
  }
}

let free: usize = 0;

function take(bytes: usize): usize {
  if (free === 0) free = (__heap_base + 15) & ~15;
  const at = free;
  free += bytes;
  const pages = <i32>((free + 0xffff) >> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
  return at;
}
