// One peer of the qa-predict benchmark: opens the exported folder, then answers "run" with the milliseconds of all
// questions, "spans" with what it answered.
import { basename, dirname } from "node:path";
import { serve } from "./peer.mjs";

const { peer, folder, threads, questions, batched } = JSON.parse(process.argv[2]);
const predict = await { ours, "ours-exported": oursExported, "transformers.js": transformers }[peer]();
let answers = [];

serve(async (request) => {
  if (request === "spans") return answers;
  const start = performance.now();
  answers = await predict();
  return performance.now() - start;
});

/** Any tokens of the passage, as long as they like: what the pipeline looks for. */
function unlimited(reader) {
  Object.assign(reader.limits, { answerTokens: 512, wholeWords: false, alternatives: 0 });
  const spelled = ({ answer }) => spell(answer);
  if (batched) return async () => (await reader.predict(questions)).map(spelled);
  return async () => {
    const found = [];
    for (const question of questions) found.push(...(await reader.predict([question])).map(spelled));
    return found;
  };
}

async function ours() {
  const { initBackend } = await import("@symgrad/core");
  const { loadReader } = await import("@symgrad/qa-model");
  await initBackend({ backend: "onnxruntime", threads });
  return unlimited(await loadReader(folder));
}

async function oursExported() {
  const { loadExportedReader } = await import("@symgrad/qa-model");
  return unlimited(await loadExportedReader(folder, { threads }));
}

async function transformers() {
  const { env, pipeline } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = dirname(folder);
  const answerer = await pipeline("question-answering", basename(folder), {
    dtype: "fp32",
    session_options: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
  const asked = questions.map(({ question }) => question);
  const passages = questions.map(({ passage }) => passage);
  if (batched) return async () => (await answerer(asked, passages)).map(({ answer }) => spell(answer));
  return async () => {
    const found = [];
    for (const { question, passage } of questions)
      found.push(spell((await answerer(question, passage)).answer));
    return found;
  };
}

/** The pipeline joins an answer's tokens in its own way: blanks and accents are no part of the comparison. */
function spell(answer) {
  return answer.toLowerCase().replaceAll(/\s/g, "");
}
