// Loaded before the built CLI (NODE_OPTIONS=--import) by doctor.test.ts: puts modules in the place of packages, and makes
// onnxruntime-node list GPUs and answer for them. STAND_INS is JSON, { packages: { NAME: URL }, providers: { NAME: how } };
// a provider that "works" computes on the CPU, one that "aborts" ends its process, anything else is its error.
import Module, { register } from "node:module";

const { packages = {}, providers } = JSON.parse(process.env.STAND_INS ?? "{}");

const hooks = `
  let packages;
  export const initialize = (data) => { packages = data; };
  export const resolve = (specifier, context, next) =>
    packages[specifier] ? { url: packages[specifier], format: "commonjs", shortCircuit: true } : next(specifier, context);
`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: packages });

const load = Module._load;
const known = new WeakSet();
Module._load = function (request, ...rest) {
  const exported = load.call(this, request, ...rest);
  if (providers && exported instanceof Object && !known.has(exported)) {
    known.add(exported);
    // One file of onnxruntime-node has the list, another one hands on the sessions.
    const list = Object.getOwnPropertyDescriptor(exported, "listSupportedBackends");
    if (list?.writable) exported.listSupportedBackends = listProviders;
    if (/onnxruntime-node[\\/]dist[\\/]index\.js$/.test(request)) standIn(exported.InferenceSession);
  }
  return exported;
};

function listProviders() {
  return ["cpu", ...Object.keys(providers)].map((name) => ({ name, bundled: true }));
}

function standIn(sessions) {
  const create = sessions.create.bind(sessions);
  sessions.create = async (model, options = {}) => {
    const how = providers[options.executionProviders?.[0]];
    if (how === "aborts") process.abort();
    if (how !== undefined && how !== "works") throw new Error(how);
    return create(model, { ...options, executionProviders: ["cpu"] });
  };
}
