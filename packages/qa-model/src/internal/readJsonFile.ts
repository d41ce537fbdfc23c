import { SymgradError } from "@symgrad/core";
import type { z } from "zod";
import { describeJson } from "./describeJson";
import { readTextFile } from "./readTextFile";

/**
 * Reads a JSON file (also ".gz") and checks it.
 *
 * @throws SymgradError `E_FILE` if it cannot be read; `E_FORMAT` if it is not JSON, or, naming the file and the path
 *   inside it, where a value is not what the schema wants.
 */
export async function readJsonFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  hint?: string,
): Promise<z.output<Schema>> {
  return checkJson(parseJson(await readTextFile(path), path), schema, path, hint);
}

/** @throws SymgradError `E_FORMAT` if the text is not JSON. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SymgradError("E_FORMAT", `this is not JSON: ${(cause as Error).message}.`, {
      where: file,
      hint: "the file may be cut off: fetch or write it again",
      cause,
    });
  }
}

/** @throws SymgradError `E_FORMAT` that names the file, the path inside the JSON, what was expected and found. */
export function checkJson<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
  file: string,
  hint?: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = deepestIssue(result.error.issues[0]!);
  throw jsonError(file, issue.path, wantedBy(issue), value, hint);
}

/** The error for the value at `path` inside a file's JSON `document`. */
export function jsonError(
  file: string,
  path: readonly PropertyKey[],
  wanted: string,
  document: unknown,
  hint?: string,
): SymgradError {
  let found: unknown = document;
  for (const step of path) found = (found as Record<PropertyKey, unknown> | undefined)?.[step];
  const place = formatJsonPath(path);
  return new SymgradError("E_FORMAT", `expected ${wanted}, found ${describeJson(found)}.`, {
    where: place === "" ? file : `${file}, at ${place}`,
    hint,
  });
}

/** `["data", 0, "a b"]` as `data[0]["a b"]`. */
export function formatJsonPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      const name = String(step);
      if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
      return i === 0 ? name : `.${name}`;
    })
    .join("");
}

type Issue = z.core.$ZodIssue;

/** Of a value that fits none of several shapes, the issue that got furthest. */
function deepestIssue(issue: Issue): Issue {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return issue;
  const inner = issue.errors.flat().reduce((a, b) => (b.path.length > a.path.length ? b : a));
  return inner.path.length === 0 ? issue : { ...inner, path: [...issue.path, ...inner.path] };
}

const WORDS: Record<string, string> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  int: "a whole number",
};

function wantedBy(issue: Issue): string {
  if (issue.code === "invalid_type") return WORDS[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return [...new Set(issue.errors.map((errors) => wantedBy(errors[0]!)))].join(" or ");
  }
  if (issue.code === "too_small") {
    return issue.origin === "number" ? `a number of at least ${issue.minimum}` : "one that is not empty";
  }
  return issue.code === "custom" ? issue.message : issue.message.toLowerCase();
}
