export interface PluginTemplateOptions {
  /** As on npm: `@me/larger`. */
  name: string;
  /** `me`. */
  scope: string | undefined;
  /** `larger`. */
  word: string;
  /** Of our own packages. */
  version: string;
}

/** The files of a new plugin: a package that can be tested at once and published when it is built. */
export function pluginTemplate({
  name,
  scope,
  word,
  version,
}: PluginTemplateOptions): Record<string, string> {
  const camel = (text: string) =>
    text.replace(/[^a-z0-9]+([a-z0-9]?)/g, (_, next: string) => next.toUpperCase());
  const local = camel(word);
  const functionName = `${camel(scope ?? "mine").replace(/^[^a-zA-Z]/, "my$&")}.${local}.v1`;
  return {
    "package.json": json({
      name,
      version: "0.1.0",
      description: "A symbolic function for symgrad.",
      keywords: ["symgrad-plugin"],
      license: "MIT",
      type: "module",
      exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
      files: ["dist"],
      scripts: { build: "tsc", prepack: "tsc", test: "symgrad plugin test" },
      peerDependencies: { "@symgrad/symbolic-plugins": `^${version}` },
      // The command line lends its own copy to a plugin that it loads.
      peerDependenciesMeta: { "@symgrad/symbolic-plugins": { optional: true } },
      devDependencies: {
        "@symgrad/cli": `^${version}`,
        "@symgrad/symbolic-plugins": `^${version}`,
        "@tensorflow/tfjs": "^4.22.0",
        typescript: "^5.9.0",
      },
    }),
    "tsconfig.json": json({
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        declaration: true,
        skipLibCheck: true,
        types: [],
        rootDir: "src",
        outDir: "dist",
      },
      include: ["src"],
    }),
    ".gitignore": "node_modules\ndist\n",
    "src/index.ts": `import {
  defineFunction,
  distinct,
  fromExample,
  ok,
  type SymbolicFunction,
  tokens,
} from "@symgrad/symbolic-plugins";

/** The larger of two numbers of the text. */
const ${local}: SymbolicFunction = defineFunction({
  name: "${functionName}", // a change of what it computes is a new version
  args: { a: fromExample("numbers"), b: fromExample("numbers") }, // exact decimals
  where: distinct, // never one number with itself
  symmetric: ["a", "b"], // one order of each pair is enough
  run({ a, b }) {
    const result = a.greaterThan(b) ? a.toFixed() : b.toFixed();
    return ok(result, { values: [result] }); // or undefinedResult("reason")
  },
  output: tokens({ digits: "split" }), // digits and + - = , .
  maxLength: 24, // tokens
  examples: [{ numbers: [72, 23, 0, -5, 0.5] }],
});

export default ${local};
`,
    "test/index.test.ts": `import assert from "node:assert/strict";
import test from "node:test";
import { decimal, pluginContract } from "@symgrad/symbolic-plugins";
import ${local} from "../src/index.js";

// What every symbolic function must keep to.
for (const { name, run } of pluginContract(${local})) test(name, run);

test("what it computes", async () => {
  const [a, b] = [decimal.parse(72), decimal.parse(23)];
  const result = await ${local}.run({ a, b });
  assert.equal(result.kind === "ok" && result.text, "72");
});
`,
    "README.md": `# ${name}

A symbolic function for [symgrad](https://www.npmjs.com/package/@symgrad/cli): \`${functionName}\`, the larger of two
numbers of the text.

\`\`\`sh
npm install ${name}
symgrad train qa --data train.jsonl --out runs/first --plugin ${name} --function ${functionName}
\`\`\`

In code: \`createRegistry([...builtins, ${local}])\`, with \`import ${local} from "${name}"\`.

To work on it: \`symgrad plugin test\` checks it without installing anything; \`npm install\`, then \`npm run build\` and
\`npm pack\` make the package.
`,
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
