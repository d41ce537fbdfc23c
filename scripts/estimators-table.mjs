#!/usr/bin/env node
// Writes the table of docs/estimators.md from the docstrings of packages/gumbel/src, so that the two cannot differ:
//   node scripts/estimators-table.mjs            (--check: only compare; exit status 1 if the table is stale)
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["packages/gumbel/src/estimators", "packages/gumbel/src/subsets"];
const document = join(root, "docs/estimators.md");
const [begin, end] = ["<!-- table: begin -->", "<!-- table: end -->"];
const parts = ["Forward", "Backward", "Bias and variance"];

/** One entry per exported function whose docstring has the three parts, in the order of the files. */
export function estimatorEntries() {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
      .sort()
      .flatMap((name) => entriesOf(join(root, folder, name))),
  );
}

function entriesOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  return source.statements
    .filter(
      (node) =>
        ts.isFunctionDeclaration(node) &&
        node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword),
    )
    .map((node) => ({ name: node.name.text, ...docstring(node) }))
    .filter((entry) => entry.Forward !== undefined);
}

function docstring(node) {
  const [doc] = ts.getJSDocCommentsAndTags(node);
  const text = ts.getTextOfJSDocComment(doc?.comment) ?? "";
  const see = doc?.tags?.find(({ tagName }) => tagName.text === "see");
  const sections = Object.fromEntries(
    parts.map((part) => {
      const ahead = parts.filter((other) => other !== part).map((other) => `\n${other}:`);
      const found = new RegExp(`(?:^|\n)${part}: ([\\s\\S]*?)(?=${[...ahead, "\n\n"].join("|")}|$)`).exec(
        text,
      );
      return [part, found?.[1].replace(/\s+/g, " ").trim()];
    }),
  );
  const source = see
    ?.getText()
    .replace(/^@see\s+/, "")
    .replace(/\n\s*\*\s*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return { ...sections, source };
}

/** @returns The table's Markdown, its lines unpadded. */
export function estimatorTable() {
  const cell = (text = "") =>
    text.replaceAll("|", "\\|").replaceAll("<", "\\<").replaceAll("_", "\\_").replaceAll("*", "\\*");
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [
    line(["function", ...parts.map((part) => part.toLowerCase()), "source"]),
    line(["---", "---", "---", "---", "---"]),
    ...estimatorEntries().map((entry) =>
      line([`\`${entry.name}\``, ...parts.map((part) => cell(entry[part])), cell(entry.source)]),
    ),
  ].join("\n");
}

/** The document with a fresh table. */
export function freshDocument(text) {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} lacks the markers ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${estimatorTable()}\n\n${text.slice(to)}`;
}

/** Formatters pad the cells of a table: that is no difference. */
export const unpadded = (text) => text.replace(/ *\| */g, "|").replace(/-{3,}/g, "---");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = readFileSync(document, "utf8");
  const fresh = freshDocument(text);
  const stale = unpadded(fresh) !== unpadded(text);
  if (process.argv.includes("--check")) {
    if (stale) console.error("docs/estimators.md is stale: run node scripts/estimators-table.mjs");
    process.exitCode = stale ? 1 : 0;
  } else if (stale) writeFileSync(document, fresh);
}
