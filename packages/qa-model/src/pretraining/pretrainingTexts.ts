import { createHash } from "node:crypto";
import { SymgradError } from "@symgrad/core";
import { readDocuments } from "./readDocuments";

/** Documents as lists of sentences. */
export interface PretrainingTexts {
  training: string[][];
  evaluation: string[][];
  /** SHA-256 of all of it. */
  fingerprint: string;
}

/**
 * Reads what is learned from and what is measured on: the files of `evaluation`, or else every twentieth document (of few,
 * the last two).
 *
 * @throws SymgradError `E_USAGE` if nothing would be left to learn from; the errors of `readDocuments`.
 */
export async function readTexts(
  files: readonly string[],
  evaluation: readonly string[] | undefined,
): Promise<PretrainingTexts> {
  const all = await readDocuments(files);
  const held = evaluation === undefined ? undefined : await readDocuments(evaluation);
  const hash = createHash("sha256").update(JSON.stringify([all, held ?? null]));
  const fingerprint = hash.digest("hex");
  if (held) return { training: all, evaluation: held, fingerprint };
  const isHeld = (i: number) => i % 20 === 19 || (all.length < 40 && i >= all.length - 2);
  const parts = { training: all.filter((_, i) => !isHeld(i)), evaluation: all.filter((_, i) => isHeld(i)) };
  if (parts.training.length > 0) return { ...parts, fingerprint };
  throw new SymgradError("E_USAGE", "there is too little text to hold some out for the perplexity.", {
    where: files.join(", "),
    hint: "put blank lines between documents, or name text for the evaluation",
  });
}
