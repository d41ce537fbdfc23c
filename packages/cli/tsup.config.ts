import { defineConfig } from "tsup";

/** A program, not a library: ESM only, no types; one chunk per command, loaded when it is called. */
export default defineConfig({
  entry: [
    "src/cli.ts",
    "src/pluginResolution.ts",
    // What `plugin test` runs in processes of their own.
    "src/pluginTest/setup.ts",
    "src/pluginTest/reporter.ts",
    "src/pluginTest/battery.ts",
  ],
  format: ["esm"],
  splitting: true,
  sourcemap: true,
  // `node:test` has no other name.
  removeNodeProtocol: false,
  clean: true,
  target: "node20",
  tsconfig: "tsconfig.build.json",
});
