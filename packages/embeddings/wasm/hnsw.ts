// The kernel of src/search/approximateIndex.ts, embedded in src/search/hnswWasm.ts by scripts/build-wasm.mjs: a
// hierarchical navigable small world graph (Malkov and Yashunin 2016, arXiv:1603.09320) over rows of int8.
//
// Rows: `stride` codes each, a multiple of 16, padded with 0; code times the row's scale is the component. Row `count` is
// the query. Links: how many there are, then their rows; at most 2 M on level 0 and M on each level above.

let count: i32 = 0;
let stride: i32 = 0;
let m: i32 = 0;
let top: i32 = -1; // the highest level, that of the row where searches enter
let entry: i32 = 0;
let epoch: i32 = 0; // rows with this mark were seen by the search that runs

/** Addresses: int8 [count + 1, stride]; float32 [count + 1]; uint8 [count]; int32 [count, 2 M + 1]. */
export let codes: usize = 0;
export let scales: usize = 0;
export let levels: usize = 0;
export let ground: usize = 0;
/** int32 [count]: where a row's levels from 1 on begin in `upper`, int32 [sum of all rows' levels, M + 1]. */
export let firsts: usize = 0;
export let upper: usize = 0;
/** int32: the rows that `find` found, best first. */
export let found: usize = 0;

let marks: usize = 0; // int32 [count]
let candidates: usize = 0; // a heap of keys, the best on top; [count]
let candidateCount: i32 = 0;
let results: usize = 0; // a heap of keys, the worst on top; [ef + 1]
let resultCount: i32 = 0;
let sorted: usize = 0; // keys, best first; [ef + 1]
let kept: usize = 0; // int32 [2 M]
let fresh: usize = 0; // int32 [2 M]: neighbors not seen before
export let fetched: i32 = 0; // keeps `fetch` from being left out

/** Lays out the memory. `most` is the largest ef of any search. */
export function allocate(rows: i32, codesOfRow: i32, links: i32, upperLinks: i32, most: i32): void {
  count = rows;
  stride = codesOfRow;
  m = links;
  most = <i32>max(most, 2 * links + 1);
  let end = (__heap_base + 63) & ~63;
  codes = end;
  end += <usize>(rows + 1) * stride;
  scales = end;
  end += (<usize>(rows + 1)) << 2;
  ground = end;
  end += (<usize>rows * (2 * m + 1)) << 2;
  firsts = end;
  end += (<usize>rows) << 2;
  upper = end;
  end += (<usize>upperLinks * (m + 1)) << 2;
  found = end;
  end += (<usize>most) << 2;
  marks = end;
  end += (<usize>rows) << 2;
  kept = end;
  end += (<usize>m) << 3;
  fresh = end;
  end += (<usize>m) << 3;
  end = (end + 7) & ~7;
  candidates = end;
  end += (<usize>rows) << 3;
  results = end;
  end += (<usize>(most + 1)) << 3;
  sorted = end;
  end += (<usize>(most + 1)) << 3;
  levels = end;
  end += rows;
  const pages = <i32>((end + 0xffff) >>> 16) - memory.size();
  if (pages > 0 && memory.grow(pages) < 0) unreachable();
}

/** Where searches enter a graph that was built before. */
export function enter(row: i32): void {
  entry = row;
  top = load<u8>(levels + row);
}

export function entryRow(): i32 {
  return entry;
}

/** Adds rows `from` to `to` to the graph, each linked to the best of `ef` that a search finds. */
export function insert(from: i32, to: i32, ef: i32): void {
  for (let row = from; row < to; row++) insertRow(row, ef);
}

/** Searches for the query with `ef` results, written to `found`. Returns how many there are. */
export function find(ef: i32): i32 {
  let at = entry;
  for (let level = top; level > 0; level--) at = climb(count, at, level);
  searchLevel(count, at, ef, 0);
  const size = sortResults();
  for (let i = 0; i < size; i++) store<i32>(found + ((<usize>i) << 2), rowOf(sortedKey(i)));
  return size;
}

function insertRow(row: i32, ef: i32): void {
  const own = <i32>load<u8>(levels + row);
  let at = entry;
  for (let level = top; level > own; level--) at = climb(row, at, level);
  for (let level = <i32>min(top, own); level >= 0; level--) {
    searchLevel(row, at, ef, level);
    const size = sortResults();
    at = rowOf(sortedKey(0));
    const chosen = choose(size, m);
    const links = linksOf(row, level);
    store<i32>(links, chosen);
    for (let i = 1; i <= chosen; i++)
      store<i32>(links + ((<usize>i) << 2), load<i32>(kept + ((<usize>(i - 1)) << 2)));
    for (let i = 1; i <= chosen; i++) link(load<i32>(links + ((<usize>i) << 2)), row, level);
  }
  if (own > top) {
    top = own;
    entry = row;
  }
}

/** Adds `row` to the links of `to`; where they are full, the best spread of them and it are kept. */
function link(to: i32, row: i32, level: i32): void {
  const links = linksOf(to, level);
  const size = load<i32>(links);
  const most = level === 0 ? 2 * m : m;
  if (size < most) {
    store<i32>(links, size + 1);
    store<i32>(links + ((<usize>(size + 1)) << 2), row);
    return;
  }
  resultCount = 0;
  pushResult(keyOf(similarity(to, row), row));
  for (let i = 1; i <= size; i++) {
    const other = load<i32>(links + ((<usize>i) << 2));
    pushResult(keyOf(similarity(to, other), other));
  }
  const chosen = choose(sortResults(), most);
  store<i32>(links, chosen);
  for (let i = 1; i <= chosen; i++)
    store<i32>(links + ((<usize>i) << 2), load<i32>(kept + ((<usize>(i - 1)) << 2)));
}

/**
 * Keeps, of the sorted keys, those that are more similar to the row they were sorted for than to any kept before, at
 * most `most` (algorithm 4). Returns how many.
 */
function choose(size: i32, most: i32): i32 {
  let chosen = 0;
  for (let i = 0; i < size && chosen < most; i++) {
    const key = sortedKey(i);
    const row = rowOf(key);
    const toOrigin = similarityOf(key);
    let apart = true;
    for (let j = 0; j < chosen && apart; j++) {
      apart = similarity(row, load<i32>(kept + ((<usize>j) << 2))) < toOrigin;
    }
    if (!apart) continue;
    store<i32>(kept + ((<usize>chosen) << 2), row);
    chosen++;
  }
  return chosen;
}

/** From `at` to the neighbor that is most similar to the row, again and again while it is more similar. */
function climb(row: i32, at: i32, level: i32): i32 {
  let best = similarity(row, at);
  for (let moved = true; moved; ) {
    moved = false;
    const links = linksOf(at, level);
    const size = load<i32>(links);
    for (let i = 1; i <= size; i++) {
      const other = load<i32>(links + ((<usize>i) << 2));
      const found = similarity(row, other);
      if (found > best) {
        best = found;
        at = other;
        moved = true;
      }
    }
  }
  return at;
}

/** Algorithm 2: leaves the `ef` best rows it finds in `results`. */
function searchLevel(row: i32, start: i32, ef: i32, level: i32): void {
  epoch++;
  candidateCount = 0;
  resultCount = 0;
  store<i32>(marks + ((<usize>start) << 2), epoch);
  const first = keyOf(similarity(row, start), start);
  pushCandidate(first);
  pushResult(first);
  while (candidateCount > 0) {
    const best = popCandidate();
    if (resultCount >= ef && best < load<u64>(results)) break;
    const links = linksOf(rowOf(best), level);
    const size = load<i32>(links);
    let news = 0;
    for (let i = 1; i <= size; i++) {
      const other = load<i32>(links + ((<usize>i) << 2));
      const mark = marks + ((<usize>other) << 2);
      if (load<i32>(mark) === epoch) continue;
      store<i32>(mark, epoch);
      store<i32>(fresh + ((<usize>news) << 2), other);
      news++;
      fetched += fetch(other);
    }
    for (let i = 0; i < news; i++) {
      const other = load<i32>(fresh + ((<usize>i) << 2));
      const key = keyOf(similarity(row, other), other);
      if (resultCount < ef) {
        pushCandidate(key);
        pushResult(key);
      } else if (key > load<u64>(results)) {
        pushCandidate(key);
        replaceWorst(key);
      }
    }
  }
}

/** Reads a byte of every 64 of a row, so that all rows of a list are on their way from memory at the same time. */
function fetch(row: i32): i32 {
  const start = codes + <usize>row * stride;
  let sum = 0;
  for (let at: usize = 0; at < <usize>stride; at += 64) sum += load<u8>(start + at);
  return sum;
}

function linksOf(row: i32, level: i32): usize {
  if (level === 0) return ground + ((<usize>row * (2 * m + 1)) << 2);
  const first = load<i32>(firsts + ((<usize>row) << 2));
  return upper + ((<usize>(first + level - 1) * (m + 1)) << 2);
}

/** The product of two rows. Each product of codes is at most 127^2, so two of them fit in 16 bits. */
function similarity(a: i32, b: i32): f32 {
  const left = codes + <usize>a * stride;
  const right = codes + <usize>b * stride;
  let sum = i32x4.splat(0);
  for (let at: usize = 0; at < <usize>stride; at += 16) {
    const x = v128.load(left + at);
    const y = v128.load(right + at);
    const products = i16x8.add(i16x8.extmul_low_i8x16_s(x, y), i16x8.extmul_high_i8x16_s(x, y));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(products));
  }
  const total =
    i32x4.extract_lane(sum, 0) +
    i32x4.extract_lane(sum, 1) +
    i32x4.extract_lane(sum, 2) +
    i32x4.extract_lane(sum, 3);
  return <f32>total * load<f32>(scales + ((<usize>a) << 2)) * load<f32>(scales + ((<usize>b) << 2));
}

/** A number that sorts as the similarity does, equal ones by row: 32 bits each. */
function keyOf(value: f32, row: i32): u64 {
  const bits = reinterpret<u32>(value);
  const ordered = bits >> 31 ? ~bits : bits | 0x80000000;
  return ((<u64>ordered) << 32) | <u64>~(<u32>row);
}

function rowOf(key: u64): i32 {
  return <i32>~(<u32>key);
}

function similarityOf(key: u64): f32 {
  const ordered = <u32>(key >> 32);
  return reinterpret<f32>(ordered >> 31 ? ordered & 0x7fffffff : ~ordered);
}

function sortedKey(i: i32): u64 {
  return load<u64>(sorted + ((<usize>i) << 3));
}

function slot(heap: usize, i: i32): usize {
  return heap + ((<usize>i) << 3);
}

function pushCandidate(key: u64): void {
  let i = candidateCount++;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const other = load<u64>(slot(candidates, parent));
    if (other >= key) break;
    store<u64>(slot(candidates, i), other);
    i = parent;
  }
  store<u64>(slot(candidates, i), key);
}

function popCandidate(): u64 {
  const best = load<u64>(candidates);
  const key = load<u64>(slot(candidates, --candidateCount));
  let i = 0;
  while (true) {
    let child = 2 * i + 1;
    if (child >= candidateCount) break;
    if (
      child + 1 < candidateCount &&
      load<u64>(slot(candidates, child + 1)) > load<u64>(slot(candidates, child))
    )
      child++;
    const other = load<u64>(slot(candidates, child));
    if (other <= key) break;
    store<u64>(slot(candidates, i), other);
    i = child;
  }
  store<u64>(slot(candidates, i), key);
  return best;
}

function pushResult(key: u64): void {
  let i = resultCount++;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const other = load<u64>(slot(results, parent));
    if (other <= key) break;
    store<u64>(slot(results, i), other);
    i = parent;
  }
  store<u64>(slot(results, i), key);
}

/** Puts `key` in the place of the worst result. */
function replaceWorst(key: u64): void {
  let i = 0;
  while (true) {
    let child = 2 * i + 1;
    if (child >= resultCount) break;
    if (child + 1 < resultCount && load<u64>(slot(results, child + 1)) < load<u64>(slot(results, child)))
      child++;
    const other = load<u64>(slot(results, child));
    if (other >= key) break;
    store<u64>(slot(results, i), other);
    i = child;
  }
  store<u64>(slot(results, i), key);
}

/** Empties `results` into `sorted`, best first. Returns how many there are. */
function sortResults(): i32 {
  const size = resultCount;
  while (resultCount > 0) {
    const worst = load<u64>(results);
    store<u64>(slot(sorted, resultCount - 1), worst);
    const last = load<u64>(slot(results, --resultCount));
    if (resultCount > 0) replaceWorst(last);
  }
  return size;
}
