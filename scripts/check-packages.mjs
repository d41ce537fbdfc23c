#!/usr/bin/env node
// Tests what ships: packs every publishable package, checks the tarball, installs it alone in an empty folder and
// uses it there. The packages must be built.
//   node scripts/check-packages.mjs [PACKAGE...]      (all of them by default; names without the scope)
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { inTemporaryFolder, publishablePackages, run, tool } from "./workspace.mjs";

const packages = publishablePackages();
const chosen = process.argv.slice(2);
let failures = 0;

await inTemporaryFolder((temporary) => {
  const tarballs = Object.fromEntries(
    packages.map((entry) => [entry.name, pack(entry, join(temporary, "tarballs"))]),
  );
  for (const entry of packages) {
    if (chosen.length > 0 && !chosen.includes(entry.name.split("/")[1])) continue;
    const consumer = join(temporary, entry.name.split("/")[1]);
    check(entry, "publint", () => run(tool("publint"), [tarballs[entry.name], "--strict"]));
    if (entry.manifest.exports["."]) {
      check(entry, "are the types wrong", () => run(tool("attw"), [tarballs[entry.name], "--no-color"]));
    }
    if (!check(entry, "installs alone", () => install(entry, tarballs, consumer))) continue;
    if (entry.manifest.exports["."]) {
      check(entry, "imports as ESM and as CommonJS", () => compareModuleSystems(entry.name, consumer));
      check(entry, "types resolve", () => resolveTypes(entry.name, consumer));
    }
    for (const binary of Object.keys(entry.manifest.bin ?? {})) {
      check(entry, `${binary} --version`, () => answersVersion(entry, binary, consumer));
    }
  }
});
process.exitCode = failures === 0 ? 0 : 1;

function check({ name }, what, work) {
  try {
    work();
    console.log(`ok    ${name}: ${what}`);
    return true;
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}: ${what}\n${error.message.replace(/^/gm, "      ")}`);
    return false;
  }
}

function pack({ folder }, destination) {
  mkdirSync(destination, { recursive: true });
  const before = new Set(readdirSync(destination));
  run(tool("pnpm"), ["pack", "--pack-destination", destination], { cwd: folder });
  return join(
    destination,
    readdirSync(destination).find((file) => !before.has(file)),
  );
}

/** An empty project that depends on this package only; its siblings come from their tarballs. */
function install({ name }, tarballs, consumer) {
  mkdirSync(consumer);
  const local = Object.fromEntries(
    Object.entries(tarballs).map(([sibling, file]) => [sibling, `file:${file}`]),
  );
  const manifest = { private: true, dependencies: { [name]: local[name] }, pnpm: { overrides: local } };
  writeFileSync(join(consumer, "package.json"), JSON.stringify(manifest, undefined, 2));
  run(tool("pnpm"), ["install", "--prefer-offline", "--ignore-workspace", "--ignore-scripts"], {
    cwd: consumer,
  });
}

function compareModuleSystems(name, consumer) {
  const show = `console.log(JSON.stringify(Object.keys(module).filter((key) => key !== "default").sort()))`;
  const viaImport = run("node", ["--input-type=module", "-e", `import * as module from "${name}"; ${show}`], {
    cwd: consumer,
  });
  const viaRequire = run(
    "node",
    ["--input-type=commonjs", "-e", `{ const module = require("${name}"); ${show} }`],
    {
      cwd: consumer,
    },
  );
  if (viaImport !== viaRequire) throw new Error(`import gives ${viaImport}require gives ${viaRequire}`);
  if (viaImport.trim() === "[]") throw new Error("nothing is exported");
}

/** Type errors in the package's own declarations, or none at all found, seen from ESM and from CommonJS. */
function resolveTypes(name, consumer) {
  const files = ["esm.mts", "commonjs.cts"].map((file) => join(consumer, file));
  for (const file of files)
    writeFileSync(file, `import * as all from "${name}";\nexport const names: object = all;\n`);
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
  });
  const ours = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => !file || files.includes(file.fileName) || /[+/]@?symgrad[+/]/.test(file.fileName));
  if (ours.length > 0) throw new Error(ts.formatDiagnostics(ours, formatHost(consumer)));
}

function formatHost(folder) {
  return { getCurrentDirectory: () => folder, getCanonicalFileName: (file) => file, getNewLine: () => "\n" };
}

function answersVersion({ manifest }, binary, consumer) {
  const answer = run(join(consumer, "node_modules", ".bin", binary), ["--version"], { cwd: consumer }).trim();
  if (answer !== manifest.version) throw new Error(`answered ${answer}, wanted ${manifest.version}`);
}
