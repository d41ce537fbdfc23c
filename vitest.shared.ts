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
    // Trainings among the tests take seconds on a free machine, and minutes on a busy one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: "forks",
    maxWorkers: 2,
  },
};
