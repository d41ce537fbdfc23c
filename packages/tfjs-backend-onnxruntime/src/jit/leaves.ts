import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { type HostArgument, hostArgument } from "./hostTensor";

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

export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isHostArgument(value: object): value is HostArgument {
  return typeof (value as Partial<HostArgument>)[hostArgument] === "function";
}

/** Walks nested arrays, plain objects and Maps; `visit` may replace a leaf. The order is that of the containers. */
export function mapLeaves(value: unknown, visit: (leaf: Leaf, value: unknown) => unknown): unknown {
  if (value instanceof tf.Variable)
    return visit({ kind: "static", signature: `variable#${identity(value)}` }, value);
  if (value instanceof tf.Tensor) {
    return visit({ kind: "tensor", tensor: value, signature: `${value.dtype}[${value.shape}]` }, value);
  }
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return visit({ kind: "static", signature: `${typeof value}:${String(value)}` }, value);
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
    visit({ kind: "static", signature: `Map(${[...value.keys()].join()}` }, value);
    return new Map([...value].map(([key, item]) => [key, mapLeaves(item, visit)]));
  }
  if (isHostArgument(value)) return visit({ kind: "host", argument: value, signature: "host" }, value);
  if (isPlainObject(value)) {
    visit({ kind: "static", signature: `{${Object.keys(value).join()}` }, value);
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
