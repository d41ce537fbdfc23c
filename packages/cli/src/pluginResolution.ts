import module, { type ResolveFnOutput, type ResolveHook, type ResolveHookContext } from "node:module";

/**
 * From now on, what imports one of our packages and does not find it gets the copy that the command line itself uses:
 * a plugin in an empty folder works.
 */
export function lendOwnPackages(): void {
  const { registerHooks } = module as unknown as { registerHooks?: RegisterHooks };
  if (registerHooks) registerHooks({ resolve: resolveInThread });
  else module.register(new URL("./pluginResolution.js", import.meta.url));
}

/** Node's newer hooks, which its type declarations for version 20 do not know. */
type RegisterHooks = (hooks: { resolve: typeof resolveInThread }) => void;

function resolveInThread(
  specifier: string,
  context: ResolveHookContext,
  nextResolve: (specifier: string, context: ResolveHookContext) => ResolveFnOutput,
): ResolveFnOutput {
  try {
    return nextResolve(specifier, context);
  } catch (error) {
    return nextResolve(specifier, fromHere(specifier, context, error));
  }
}

/** The same for Node 20, whose hooks live in a thread that loads this file. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    return nextResolve(specifier, fromHere(specifier, context, error));
  }
};

function fromHere(specifier: string, context: ResolveHookContext, error: unknown): ResolveHookContext {
  if (!specifier.startsWith("@symgrad/")) throw error;
  return { ...context, parentURL: import.meta.url };
}
