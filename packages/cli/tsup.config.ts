import { defineConfig } from "tsup";

/** A program, not a library: ESM only, no types; one chunk per command, loaded when it is called. */
export default defineConfig({
  entry: ["src/cli.ts", "src/pluginResolution.ts"],
  format: ["esm"],
  splitting: true,
  sourcemap: true,
  clean: true,
  target: "node20",
  tsconfig: "tsconfig.build.json",
});
