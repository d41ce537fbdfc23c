import test from "node:test";
import { pluginContract } from "@symgrad/symbolic-plugins";
import { loadPlugin } from "../loadPlugin";

// The contract's checks for every function of the plugin in the working directory.
for (const fn of await loadPlugin(".", { preferSources: true })) {
  for (const { name, run } of pluginContract(fn)) test(name, run);
}
