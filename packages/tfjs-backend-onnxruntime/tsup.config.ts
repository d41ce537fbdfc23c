import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.shared.ts";

export default defineConfig({
  ...packageBuild,
  tsconfig: "tsconfig.build.json",
  shims: true, // import.meta.url in the CommonJS build
});
