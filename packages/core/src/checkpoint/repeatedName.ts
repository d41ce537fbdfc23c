/**
 * Finds a name that occurs twice in one object of a JSON text; `JSON.parse` would keep the last one in silence.
 *
 * @param text Valid JSON.
 * @returns The first repeated name, or `undefined`.
 */
export function repeatedName(text: string): string | undefined {
  const objects: (Set<string> | undefined)[] = []; // one entry per open bracket; arrays have no names
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[0];
    if (found === "{") objects.push(new Set());
    else if (found === "[") objects.push(undefined);
    else if (found === "}" || found === "]") objects.pop();
    else {
      const names = objects.at(-1);
      if (!names || !/^\s*:/.test(text.slice(token.lastIndex, token.lastIndex + 64))) continue;
      const name = JSON.parse(found) as string;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}
