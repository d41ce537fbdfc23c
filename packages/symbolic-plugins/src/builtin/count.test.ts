import { expect, test } from "vitest";
import { listCandidates } from "../candidates";
import { count } from "./count";

test("counts the numbers below, equal to and above each number", () => {
  const { examples } = listCandidates(count, [{ numbers: [12, 5, 30, "12.0"] }]);
  const { values } = examples[0]!;
  const counts = values[2]!.map((than) =>
    (["<", "=", ">"] as const).map((relation) =>
      count.run({ numbers: values[0]![0], relation, than } as never),
    ),
  );
  expect(counts.map((row) => row.map((result) => (result as { text: string }).text).join(" "))).toEqual([
    "1 2 1",
    "0 1 3",
    "3 1 0",
    "1 2 1",
  ]);
  expect(examples[0]!.count).toBe(12);
});
