#!/usr/bin/env node
// Compares what the packages import, and what their package.json files declare, with the arrows below:
//   node scripts/check-arrows.mjs [ROOT]
// Exit status 1 and one line per violation if they disagree.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const scope = "@symgrad/";

/** Package -> the siblings it may import. Arrows point one way: a new package adds one line. */
export const arrows = {
  "tfjs-backend-onnxruntime": [],
  core: ["tfjs-backend-onnxruntime"],
  gumbel: ["core"],
  "symbolic-plugins": ["core", "gumbel"],
  "qa-model": ["core", "gumbel", "symbolic-plugins"],
  embeddings: ["core"],
  cli: ["core", "gumbel", "symbolic-plugins", "qa-model", "embeddings"],
  testing: [],
};

/** Every package's tests may use it; no package may ship it. */
const testingPackage = "testing";

/** @returns One sentence per violation, empty if all is well. */
export function findViolations(root) {
  const folder = join(root, "packages");
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, "package.json")))
    .flatMap((name) => {
      if (!arrows[name])
        return [`packages/${name}: not in the table of scripts/check-arrows.mjs; add its arrows`];
      const manifest = JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8"));
      return [
        ...manifestViolations(name, manifest),
        ...sourceFiles(join(folder, name)).flatMap((file) =>
          fileViolations({ name, manifest, file, home: join(folder, name), shown: relative(root, file) }),
        ),
      ];
    });
}

function manifestViolations(name, manifest) {
  const where = `packages/${name}/package.json`;
  const found = [];
  for (const field of ["dependencies", "peerDependencies", "optionalDependencies"]) {
    for (const sibling of siblingsIn(manifest[field])) {
      if (!arrows[name].includes(sibling))
        found.push(`${where}: ${field} has ${scope}${sibling}, against the arrows`);
    }
  }
  for (const sibling of siblingsIn(manifest.devDependencies)) {
    if (sibling !== testingPackage && !arrows[name].includes(sibling)) {
      found.push(`${where}: devDependencies has ${scope}${sibling}, against the arrows`);
    }
  }
  return found;
}

function siblingsIn(dependencies = {}) {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith(scope))
    .map((name) => name.slice(scope.length));
}

function fileViolations({ name, manifest, file, home, shown }) {
  const isTest = /\.test(-d)?\.ts$/.test(file) || file.startsWith(join(home, "test") + sep);
  const isConfig = dirname(file) === home;
  const found = [];
  for (const { fileName: specifier } of ts.preProcessFile(readFileSync(file, "utf8"), true, true)
    .importedFiles) {
    if (isBuiltin(specifier) || isConfig) continue;
    if (specifier.startsWith(".")) {
      const target = resolve(dirname(file), specifier);
      if (!isTest && !target.startsWith(home + sep))
        found.push(`${shown}: imports ${specifier}, outside its package`);
      continue;
    }
    if (!specifier.startsWith(scope)) {
      const declared = {
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      };
      const wanted = packageOf(specifier);
      if (!isTest && !declared[wanted])
        found.push(`${shown}: imports ${wanted}, which its package.json does not declare`);
      continue;
    }
    const [sibling, ...inside] = specifier.slice(scope.length).split("/");
    if (inside.length > 0)
      found.push(`${shown}: imports ${specifier}; a sibling is imported through its index only`);
    if (sibling === testingPackage) {
      if (!isTest) found.push(`${shown}: imports ${specifier} outside a test`);
    } else if (sibling !== name && !arrows[name].includes(sibling)) {
      found.push(`${shown}: imports ${specifier}, against the arrows`);
    } else if (sibling !== name && !isTest && !manifest.dependencies?.[scope + sibling]) {
      found.push(`${shown}: imports ${specifier}, which its package.json does not declare`);
    }
  }
  return found;
}

function packageOf(specifier) {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist", "runs"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
  const violations = findViolations(root);
  for (const violation of violations) console.error(violation);
  console.log(
    violations.length === 0 ? "The arrows hold." : `${violations.length} violations of the arrows.`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
}
