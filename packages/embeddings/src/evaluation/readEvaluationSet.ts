import { basename } from "node:path";
import { SymgradError } from "@symgrad/core";
import { fileSource } from "../formats/fileSource";
import { readLines } from "../formats/readLines";
import type { EvaluationSet, WordPair } from "./evaluationSet";

/**
 * Reads an evaluation set: lines "w1 TAB w2 TAB score", as WordSim-353, SimLex-999, SimVerb-3500 and RG-65 have them, or
 * Google's analogies, lines of four words under titles ": section". Empty lines and those that start with # are skipped.
 *
 * @throws SymgradError `E_FORMAT` with the line that is neither; `E_FILE` if the file cannot be read.
 */
export async function readEvaluationSet(file: string): Promise<EvaluationSet> {
  const name = basename(file).replace(/\.(txt|tsv)(\.gz)?$/, "");
  const pairs: WordPair[] = [];
  const sections: { title: string; questions: [string, string, string, string][] }[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  await readLines(fileSource(file), (bytes, start, end, number) => {
    const where = `${file}, line ${number}`;
    let line: string;
    try {
      line = decoder.decode(bytes.subarray(start, end)).trim();
    } catch (cause) {
      throw new SymgradError("E_FORMAT", "the line is not UTF-8", { where, cause });
    }
    if (line === "" || line.startsWith("#")) return true;
    const title = /^:\s*(.*)$/.exec(line)?.[1];
    const fields = line.split(/\s+/);
    const tabbed = line.split("\t").map((field) => field.trim());
    if (title !== undefined) sections.push({ title, questions: [] });
    else if (tabbed.length === 3) pairs.push(wordPair(tabbed, where));
    else if (fields.length === 4) {
      if (sections.length === 0) sections.push({ title: "", questions: [] });
      sections.at(-1)!.questions.push(fields as [string, string, string, string]);
    } else refuse(where);
    if (pairs.length > 0 && sections.length > 0) refuse(where);
    return true;
  });
  if (pairs.length > 0) return { name, kind: "similarity", pairs };
  if (sections.length > 0) return { name, kind: "analogy", sections };
  throw new SymgradError("E_FORMAT", "the evaluation set is empty", { where: file });
}

function wordPair([first, second, last]: readonly string[], where: string): WordPair {
  const score = last === "" ? Number.NaN : Number(last);
  if (!first || !second || !Number.isFinite(score)) refuse(where);
  return { words: [first, second], score };
}

function refuse(where: string): never {
  throw new SymgradError("E_FORMAT", 'expected "w1 TAB w2 TAB score", or an analogy of four words', {
    where,
    hint: "a file holds one of both kinds",
  });
}
