import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { codeExamples } from "./readme";
import { shell } from "./symgrad";
import { temporaryFolder } from "./temporaryFolder";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const plugins = readFileSync(join(root, "docs/plugins.md"), "utf8");
const folder = temporaryFolder();

/** The commands of the page, a block each, in its order. */
const [make, adapt, check, train, pack, elsewhere] = [...plugins.matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, code]) => code!,
);

/** Stands for `npm install` of the plugin's development packages: the repository's own copies. */
function installDevelopmentPackages(plugin: string): void {
  const from = (path: string) => join(root, path);
  const packages = {
    typescript: from("node_modules/typescript"),
    "@symgrad/symbolic-plugins": from("packages/symbolic-plugins"),
    "@tensorflow/tfjs": from("packages/symbolic-plugins/node_modules/@tensorflow/tfjs"),
  };
  for (const [name, target] of Object.entries(packages)) {
    const link = join(plugin, "node_modules", name);
    mkdirSync(join(link, ".."), { recursive: true });
    symlinkSync(target, link, "dir");
  }
  mkdirSync(join(plugin, "node_modules", ".bin"));
  symlinkSync(from("node_modules/typescript/bin/tsc"), join(plugin, "node_modules", ".bin", "tsc"));
}

test("docs/plugins.md: make, edit, test, train, pack, and use from another folder", async () => {
  const run = async (commands: string, cwd = folder) => {
    const outcome = await shell(`set -e\n${commands}`, { cwd, env: { npm_config_offline: "true" } });
    expect(outcome.status, `${commands}\n${outcome.stdout}\n${outcome.stderr}`).toBe(0);
    return outcome.stdout;
  };
  expect(await run(make!)).toMatch(/src\/index\.ts.*plugin test|src\/index\.ts[\s\S]*plugin test/);
  expect(await run("symgrad plugin test difference")).toMatch(/\n19 passed, 0 failed\n$/);
  expect(existsSync(join(folder, "difference", "node_modules"))).toBe(false); // it installs nothing

  writeFileSync(
    join(folder, "difference", "src", "index.ts"),
    codeExamples("docs/plugins.md").get("difference.ts")!,
  );
  await run(adapt!);
  const tested = await run(check!);
  expect(tested).toContain("ok    mine.difference.v1: determinism");
  expect(tested).toMatch(/\n19 passed, 0 failed\n$/);

  const trained = await run(train!);
  expect(trained).toContain('symgrad.calculator.v1\n  a: example field "numbers" as decimal\n');
  expect(trained).toContain("mine.difference.v1");
  expect(existsSync(join(folder, "runs", "first", "reader", "model.safetensors"))).toBe(true);

  installDevelopmentPackages(join(folder, "difference"));
  expect(await run(pack!.replace("npm install\n", ""))).toContain("difference-0.1.0.tgz");
  const used = await run(elsewhere!, join(folder, "difference"));
  expect(used).toContain("mine.difference.v1");
  expect(used).toMatch(/Asked for: {2}\d+ and \d+/);
}, 300_000); // some twenty processes
