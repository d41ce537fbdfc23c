// Loads word vectors, and finds near words, when asked; times are taken here, in this process.
import { ApproximateSearch, createSearch, loadWordVectors } from "@symgrad/embeddings";
import { median } from "./median.mjs";
import { serve } from "./peer.mjs";

let vectors;
let search;

const tasks = {
  async load({ file }) {
    vectors = undefined;
    const began = performance.now();
    vectors = await loadWordVectors(file);
    return { ms: performance.now() - began, words: vectors.size };
  },
  async prepare({ kind, index, breadth }) {
    const began = performance.now();
    search = index
      ? await ApproximateSearch.load(vectors, index, { breadth })
      : await createSearch(vectors, { search: kind });
    return { ms: performance.now() - began };
  },
  /** The median time of a search for the ten nearest, after a few to warm up, and the words found. */
  async nearest({ rows }) {
    const times = [];
    const found = [];
    for (const row of [...rows.slice(0, 5), ...rows]) {
      const query = vectors.vector(vectors.words[row]);
      const began = performance.now();
      const matches = search.nearest(query, { count: 10, exclude: new Set([row]) });
      times.push(performance.now() - began);
      found.push(matches.map((match) => match.row));
    }
    return { ms: median(times.slice(5)), found: found.slice(5) };
  },
};

serve(async ({ task, ...request }) => ({
  ...(await tasks[task](request)),
  rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
}));
