import type { Options } from "tsup";

/** Every published package builds the same way: ESM, CommonJS and types, from one entry. */
export const packageBuild: Options = {
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  dts: true,
  sourcemap: true,
  clean: true,
  target: "node20",
  treeshake: true,
};

/** The same, with a second entry that browsers take: the export condition `browser` names it. */
export const browserBuild: Options = {
  ...packageBuild,
  entry: ["src/index.ts", "src/index.browser.ts"],
};
