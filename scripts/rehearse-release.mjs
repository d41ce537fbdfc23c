#!/usr/bin/env node
// Rehearses a release without touching the outside: `npm run release` (version, build, publish) in a temporary clone
// of the last commit, against a registry on loopback; then installs the command line from there as a user would.
//   node scripts/rehearse-release.mjs
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRegistry } from "./loopbackRegistry.mjs";
import { inTemporaryFolder, publishablePackages, root, run } from "./workspace.mjs";

const registry = await startRegistry();
try {
  await inTemporaryFolder(async (temporary) => {
    const clone = join(temporary, "clone");
    await step("clone", () => run("git", ["clone", "--quiet", root, clone]));
    const config = `@symgrad:registry=${registry.url}\n${registry.url.replace(/^http:/, "")}:_authToken=rehearsal\n`;
    writeFileSync(join(clone, ".npmrc"), config);
    await step("install", () => run("npm", ["run", "-s", "setup"], { cwd: clone }));
    await step("version, build, publish", () =>
      run("npm", ["run", "-s", "release"], {
        cwd: clone,
        env: { "npm_config_@symgrad:registry": registry.url },
      }),
    );
    for (const { name, manifest } of publishablePackages(clone)) {
      const wanted = `${name}@${manifest.version}`;
      if (!registry.published.includes(wanted)) throw new Error(`${wanted} was not published`);
      console.log(`      ${wanted}`);
    }

    const consumer = join(temporary, "consumer");
    mkdirSync(consumer);
    writeFileSync(join(consumer, "package.json"), '{ "private": true }');
    // onnxruntime-node's install script fetches CUDA libraries; the CPU provider is in the package.
    writeFileSync(join(consumer, ".npmrc"), `${config}onnxruntime-node-install=skip\n`);
    const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
    await step("npm install @symgrad/cli", () =>
      run("npm", ["install", "@symgrad/cli", ...quiet], { cwd: consumer }),
    );
    const binary = join(consumer, "node_modules", ".bin", "symgrad");
    if (!existsSync(binary)) throw new Error("npm installed no `symgrad`");
    const report = JSON.parse(
      await step("symgrad doctor --json", () => run(binary, ["doctor", "--json"], { cwd: consumer })),
    );
    const selected = report.backends.find((backend) => backend.selected);
    if (!selected) throw new Error(`no backend was selected: ${JSON.stringify(report)}`);
    console.log(`      symgrad ${report.symgrad} computes on ${selected.name}`);
  });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await registry.close();
}

async function step(name, work) {
  const began = performance.now();
  const result = await work();
  console.log(`ok    ${name} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
  return result;
}
