import { readFileSync } from "node:fs";
import module, {
  type LoadFnOutput,
  type LoadHook,
  type LoadHookContext,
  type ResolveFnOutput,
  type ResolveHook,
  type ResolveHookContext,
} from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "esbuild";

/** In front of a package's name: look for it from the working directory. */
export const fromWorkingDirectory = "symgrad-plugin:";

export interface LendOptions {
  /** The command line's own copy even where another one is installed. Default: only where none is found. */
  always?: boolean;
}

let always = false;

/**
 * From now on, what imports one of our packages and does not find it gets the copy that the command line itself uses, and
 * TypeScript is understood: a plugin in an empty folder works.
 */
export function lendOwnPackages(options: LendOptions = {}): void {
  const { registerHooks } = module as unknown as { registerHooks?: RegisterHooks };
  initialize(options);
  if (registerHooks) registerHooks({ resolve: resolveInThread, load: loadInThread });
  else module.register(new URL("./pluginResolution.js", import.meta.url), { data: options });
}

/** Called in the thread of Node 20's hooks with what `register` was given. */
export function initialize(options: LendOptions): void {
  always = options.always ?? false;
}

type ResolveSync = (specifier: string, context: ResolveHookContext) => ResolveFnOutput;
type LoadSync = (url: string, context: LoadHookContext) => LoadFnOutput;

/** Node's newer hooks, which its type declarations for version 20 do not know. */
type RegisterHooks = (hooks: { resolve: typeof resolveInThread; load: typeof loadInThread }) => void;

function resolveInThread(
  specifier: string,
  context: ResolveHookContext,
  nextResolve: ResolveSync,
): ResolveFnOutput {
  const failures: unknown[] = [];
  for (const [asked, from] of attempts(specifier, context)) {
    try {
      return nextResolve(asked, from);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
}

/** The same for Node 20, whose hooks live in a thread that loads this file. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const failures: unknown[] = [];
  for (const [asked, from] of attempts(specifier, context)) {
    try {
      return await nextResolve(asked, from);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures[0];
};

/** What to look for, and from where, in this order. */
function attempts(specifier: string, given: ResolveHookContext): [string, ResolveHookContext][] {
  const context = { ...given }; // Node writes each attempt's context into the one that was given
  if (specifier.startsWith(fromWorkingDirectory)) {
    const parentURL = pathToFileURL(`${process.cwd()}/`).href;
    return [[specifier.slice(fromWorkingDirectory.length), { ...context, parentURL }]];
  }
  if (specifier.startsWith("@symgrad/")) {
    const own: [string, ResolveHookContext] = [specifier, { ...context, parentURL: import.meta.url }];
    return always ? [own, [specifier, context]] : [[specifier, context], own];
  }
  // In TypeScript `./x.js` stands for the file `x.ts` that becomes it.
  const relative = /^\.{1,2}\//.test(specifier) && /^(.*)\.(m?)js$/.exec(specifier);
  return relative
    ? [
        [specifier, context],
        [`${relative[1]}.${relative[2]}ts`, context],
      ]
    : [[specifier, context]];
}

function loadInThread(url: string, context: LoadHookContext, nextLoad: LoadSync): LoadFnOutput {
  return isTypeScript(url) ? loadTypeScript(url) : nextLoad(url, context);
}

/** The same for Node 20. */
export const load: LoadHook = async (url, context, nextLoad) =>
  isTypeScript(url) ? loadTypeScript(url) : nextLoad(url, context);

function isTypeScript(url: string): boolean {
  return url.startsWith("file:") && /\.m?ts$/.test(new URL(url).pathname);
}

/** Types are removed, not checked. */
function loadTypeScript(url: string): LoadFnOutput {
  const file = fileURLToPath(url);
  const { code } = transformSync(readFileSync(file, "utf8"), {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    sourcefile: file,
    logLevel: "silent",
  });
  return { format: "module", source: code, shortCircuit: true };
}
