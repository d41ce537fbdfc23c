import { lendOwnPackages } from "../pluginResolution";

// Imported first by each process of `plugin test`: the command line's own packages, whatever is installed.
lendOwnPackages({ always: true });
