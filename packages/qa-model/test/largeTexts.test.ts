import { initBackend } from "@symgrad/core";
import { beforeAll, expect, test } from "vitest";
import { tinyReader } from "./tinyReader";

beforeAll(async () => {
  await initBackend();
});

const question = "Who has more nuts: John or Mark?";

test("a document of 10,000 tokens: answers stand at their places, and are more probable in a shorter text", async () => {
  const reader = tinyReader({ calculator: false, max_position_embeddings: 512, answer_in_question: false });
  const words = ["john", "has", "nuts", "mark", "gave", "to", "."];
  const passage = Array.from({ length: 10_000 }, (_, i) => words[(i * i + (i >> 7)) % 7]!).join(" ");
  expect(reader.tokenizer.encode(passage).length).toBe(10_000);
  const [whole] = await reader.predict([{ passage, question }]);
  for (const { answer, start, end } of [whole!, ...whole!.alternatives]) {
    expect(passage.slice(start, end)).toBe(answer);
    expect(answer).not.toBe("");
  }
  // The stretch around the answer alone has fewer other spans to compare with.
  const from = Math.max(0, whole!.start - 600);
  const [part] = await reader.predict([{ passage: passage.slice(from, from + 1200), question }]);
  expect(part!.score).toBeGreaterThan(whole!.score);
  reader.dispose();
});

test("5,000 numbers: a few of each window are candidates, and how many are left out is said", async () => {
  const reader = tinyReader({ max_position_embeddings: 512 });
  Object.assign(reader.limits, { quantities: 3, overlap: 0 });
  const passage = Array.from({ length: 5000 }, (_, i) => `${i % 10}`).join(" ");
  const [prediction] = await reader.predict([{ passage, question }]);
  // Windows of 512 tokens less question and result: 11 or so, with 3 candidates each.
  expect(prediction!.calls).toHaveLength(1);
  expect(5000 - prediction!.omittedQuantities!).toBeGreaterThan(3 * 9);
  expect(5000 - prediction!.omittedQuantities!).toBeLessThan(3 * 15);
  const plain = tinyReader({ calculator: false, max_position_embeddings: 512 });
  expect((await plain.predict([{ passage, question }]))[0]).not.toHaveProperty("omittedQuantities");
  plain.dispose();
  reader.dispose();
});
