// The kernel of src/vocabulary/wordTable.ts: splits text into words, counts them, and gives their ids.
//
// A word is a run of bytes above the space; what is not above it parts words, and a line feed ends a line. Words longer
// than LONGEST are cut, on the border of a character. A byte 0 stops the scan: such a file is no text.

const CHUNK: i32 = 1 << 20;
const LONGEST: i32 = 1000;
const SPACE: u32 = 32;
const LINE_FEED: u32 = 10;
/** Stands among the ids for the end of a line. */
const LINE_END: i32 = -1;

export const chunk: i32 = CHUNK;
/** Address of the text of a call, at most a chunk. */
export const text: usize = memory.data(CHUNK, 16);
/** Address of the ids that a call of `encode` wrote; every byte may end a line. */
export const ids: usize = memory.data((CHUNK + 1) << 2, 16);

// An entry: its count (or its id) u64, its hash u32, the address of the entry made after it u32, its length u32, bytes.
const HASH: usize = 8;
const NEXT: usize = 12;
const LENGTH: usize = 16;
const BYTES: usize = 20;

let table: usize = 0;
let mask: u32 = 0;
let free: usize = 0;
let limit: usize = 0;
let newest: usize = 0;

/** Address of the first entry made, 0 where there is none. */
export let first: usize = 0;
/** Different words. */
export let size: u32 = 0;
/** Whether the next text starts inside a word that was cut. */
export let skipping: bool = false;
/** Line feeds seen by `count`. */
export let lines: f64 = 0;
/** Words seen by `count`. */
export let words: f64 = 0;
/** How many ids the last call of `encode` wrote. */
export let written: i32 = 0;
/** Where the last call met a byte 0; -1 if it did not. */
export let zero: i32 = -1;

/** Forgets all words; the table starts with 2^bits slots. */
export function reset(bits: u32): void {
  free = (__heap_base + 15) & ~15;
  limit = (<usize>memory.size()) << 16;
  first = newest = 0;
  size = 0;
  lines = words = 0;
  skipping = false;
  mask = (1 << bits) - 1;
  table = take(((<usize>1) << bits) << 2);
  memory.fill(table, 0, ((<usize>1) << bits) << 2);
}

/** Counts the words of `text`. @returns how many bytes are done with: the rest is the start of a word yet unfinished. */
export function count(length: i32, last: bool): i32 {
  return scan(length, last, false);
}

/** Writes the ids of the words of `text` that are known, and LINE_END at the end of each line. @returns as `count`. */
export function encode(length: i32, last: bool): i32 {
  written = 0;
  return scan(length, last, true);
}

/** Adds the word that `text` starts with. @returns whether it is new. */
export function insert(length: u32, value: u32): bool {
  let hash: u32 = 2166136261;
  for (let i: u32 = 0; i < length; i++) hash = mix(hash, load<u8>(text + i));
  const before = size;
  store<u64>(entryOf(text, length, hash), value);
  return size > before;
}

/** @returns the id of the word that `text` starts with, -1 if it is unknown. */
export function lookup(length: u32): i32 {
  let hash: u32 = 2166136261;
  for (let i: u32 = 0; i < length; i++) hash = mix(hash, load<u8>(text + i));
  const entry = load<u32>(slotOf(text, length, hash));
  return entry === 0 ? -1 : load<i32>(entry);
}

function scan(length: i32, last: bool, encoding: bool): i32 {
  let at: i32 = 0;
  zero = -1;
  if (skipping) {
    while (at < length && <u32>load<u8>(text + at) > SPACE) at++;
    skipping = at === length;
  }
  while (at < length) {
    let byte: u32 = 0;
    while (at < length) {
      byte = load<u8>(text + at);
      if (byte > SPACE) break;
      if (byte === LINE_FEED) {
        if (encoding) store<i32>(ids + (written++ << 2), LINE_END);
        else lines++;
      } else if (byte === 0) {
        zero = at;
        return at;
      }
      at++;
    }
    if (at === length) break;
    const start = at;
    let hash: u32 = 2166136261;
    do {
      hash = mix(hash, byte);
      if (++at === length) break;
      byte = load<u8>(text + at);
    } while (byte > SPACE);
    let bytes = at - start;
    if (at === length && !last) {
      if (bytes <= LONGEST) return start;
      skipping = true;
    }
    const word = text + start;
    if (bytes > LONGEST) {
      bytes = LONGEST;
      while ((load<u8>(word + bytes) & 0xc0) === 0x80) bytes--;
      hash = 2166136261;
      for (let i = 0; i < bytes; i++) hash = mix(hash, load<u8>(word + i));
    }
    if (encoding) {
      const entry = load<u32>(slotOf(word, bytes, hash));
      if (entry !== 0) store<i32>(ids + (written++ << 2), load<i32>(entry));
    } else {
      const entry = entryOf(word, bytes, hash);
      store<u64>(entry, load<u64>(entry) + 1);
      words++;
    }
  }
  return at;
}

/** FNV-1a. */
function mix(hash: u32, byte: u32): u32 {
  return (hash ^ byte) * 16777619;
}

/** The slot that holds the word's entry, or the empty one where it belongs. */
function slotOf(word: usize, length: u32, hash: u32): usize {
  let index = (hash ^ (hash >> 15)) & mask;
  while (true) {
    const slot = table + ((<usize>index) << 2);
    const entry = load<u32>(slot);
    if (entry === 0) return slot;
    if (
      load<u32>(entry, HASH) === hash &&
      load<u32>(entry, LENGTH) === length &&
      same(entry + BYTES, word, length)
    ) {
      return slot;
    }
    index = (index + 1) & mask;
  }
}

function same(a: usize, b: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false;
  return true;
}

function entryOf(word: usize, length: u32, hash: u32): usize {
  const slot = slotOf(word, length, hash);
  const known = load<u32>(slot);
  if (known !== 0) return known;
  const entry = take(BYTES + length);
  store<u64>(entry, 0);
  store<u32>(entry, hash, HASH);
  store<u32>(entry, 0, NEXT);
  store<u32>(entry, length, LENGTH);
  memory.copy(entry + BYTES, word, length);
  store<u32>(slot, entry);
  if (newest === 0) first = entry;
  else store<u32>(newest, entry, NEXT);
  newest = entry;
  if (++size > mask >> 1) grow();
  return entry;
}

/** Doubles the table. The old one's memory is not given back: all of them together are smaller than the newest. */
function grow(): void {
  mask = (mask << 1) | 1;
  const bytes = (<usize>mask + 1) << 2;
  table = take(bytes);
  memory.fill(table, 0, bytes);
  for (let entry = first; entry !== 0; entry = load<u32>(entry, NEXT)) {
    const hash = load<u32>(entry, HASH);
    let index = (hash ^ (hash >> 15)) & mask;
    while (load<u32>(table + ((<usize>index) << 2)) !== 0) index = (index + 1) & mask;
    store<u32>(table + ((<usize>index) << 2), entry);
  }
}

/** Fresh memory; traps where there is none left. */
function take(bytes: usize): usize {
  const at = free;
  free = (free + bytes + 7) & ~7;
  if (free > limit) {
    const pages = <i32>((free - limit + 0xffff) >> 16);
    if (memory.grow(max(pages, 16)) < 0) unreachable();
    limit = (<usize>memory.size()) << 16;
  }
  return at;
}
