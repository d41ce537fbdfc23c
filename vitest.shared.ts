import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ViteUserConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages/", import.meta.url));

/** Tests run on the sources of all packages, so that a change in one is seen by the next without a build. */
export const packageTests: ViteUserConfig = {
  resolve: {
    alias: readdirSync(packages).map((name) => ({
      find: new RegExp(`^@symgrad/${name}$`),
      replacement: `${packages}${name}/src/index.ts`,
    })),
  },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: ["default", ["json", { outputFile: "test-results.json" }]],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
};
