import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { type HostArgument, hostArgument } from "./hostArgument";

/** What an argument or a result holds at its ends: a tensor, a host argument, or a value that is part of the signature. */
export type Leaf =
  | { kind: "tensor"; tensor: tf.Tensor; signature: string }
  | { kind: "host"; argument: HostArgument; signature: string }
  | { kind: "static"; signature: string };

const identities = new WeakMap<object, number>();
let identityCount = 0;

function identity(object: object): number {
  let id = identities.get(object);
  if (id === undefined) {
    id = ++identityCount;
    identities.set(object, id);
  }
  return id;
}

const symbols = new Map<symbol, number>();

function symbolId(symbol: symbol): number {
  if (!symbols.has(symbol)) symbols.set(symbol, symbols.size);
  return symbols.get(symbol)!;
}

export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isHostArgument(value: object): value is HostArgument {
  return typeof (value as Partial<HostArgument>)[hostArgument] === "function";
}

/** Two values that are told apart (-0 and 0, "a|b" and ["a", "b"], two symbols of one name) have two signatures. */
function staticSignature(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Object.is(value, -0)) return "number:-0";
  if (typeof value === "symbol") return `symbol:${symbolId(value)}`;
  if (value !== null && (typeof value === "object" || typeof value === "function"))
    return `object#${identity(value)}`;
  return `${typeof value}:${String(value)}`;
}

/** Walks nested arrays, plain objects and Maps; `visit` may replace a leaf. The order is that of the containers. */
export function mapLeaves(value: unknown, visit: (leaf: Leaf, value: unknown) => unknown): unknown {
  if (value instanceof tf.Variable)
    return visit({ kind: "static", signature: `variable#${identity(value)}` }, value);
  if (value instanceof tf.Tensor) {
    return visit({ kind: "tensor", tensor: value, signature: `${value.dtype}[${value.shape}]` }, value);
  }
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return visit({ kind: "static", signature: staticSignature(value) }, value);
  }
  if (Array.isArray(value)) {
    visit({ kind: "static", signature: `[${value.length}` }, value);
    return value.map((item) => mapLeaves(item, visit));
  }
  if (ArrayBuffer.isView(value)) {
    throw new SymgradError(
      "E_TRACE",
      `jit: an argument or result holds a ${value.constructor.name}; its values would be baked into the graph.`,
      {
        hint: "wrap it in a tensor (tf.tensor) before the call",
      },
    );
  }
  if (value instanceof Map) {
    visit({ kind: "static", signature: `Map(${[...value.keys()].map(staticSignature)}` }, value);
    return new Map([...value].map(([key, item]) => [key, mapLeaves(item, visit)]));
  }
  if (isHostArgument(value)) return visit({ kind: "host", argument: value, signature: "host" }, value);
  if (isPlainObject(value)) {
    visit({ kind: "static", signature: `{${JSON.stringify(Object.keys(value))}` }, value);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapLeaves(item, visit)]));
  }
  return visit({ kind: "static", signature: `object#${identity(value)}` }, value);
}

/** The leaves of a value, in the order of its containers. */
export function flatten(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  mapLeaves(value, (leaf, original) => {
    leaves.push(leaf);
    return original;
  });
  return leaves;
}
