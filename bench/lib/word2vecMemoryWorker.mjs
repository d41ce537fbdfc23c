// Counts a text's words, trains on the first of them, saves: the process's peak memory.
import { saveWordVectors, textFiles, trainWord2Vec } from "@symgrad/embeddings";

const { text, output, minCount, words, threads } = JSON.parse(process.argv[2]);
const stop = new AbortController();
const options = { minCount, threads, epochs: 1, lineEnd: true };
const model = await trainWord2Vec(textFiles(text), options, {
  signal: stop.signal,
  onProgress(progress) {
    if (progress.phase === "training" && progress.words > words) stop.abort();
  },
});
await saveWordVectors(model.vectors, output);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ vocabulary: model.vectors.size, megabytes }));
