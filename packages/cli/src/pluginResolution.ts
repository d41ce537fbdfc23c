import type { ResolveHook } from "node:module";

/**
 * Node's resolution, and where it finds nothing for one of our packages, the copy that the command line itself uses:
 * a plugin in an empty folder works.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!specifier.startsWith("@symgrad/")) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  }
};
