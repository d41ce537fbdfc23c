import { defineConfig } from "tsup";
import { browserBuild } from "../../tsup.shared.ts";

export default defineConfig({
  ...browserBuild,
  tsconfig: "tsconfig.build.json",
  shims: true, // import.meta.url in the CommonJS build
});
