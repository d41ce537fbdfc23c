import { nearestNames, SymgradError } from "@symgrad/core";
import { assertFunction } from "./assertFunction";
import type { SymbolicFunction } from "./define";
import { createLayer, type LayerOptions, type SymbolicLayer } from "./layer/symbolicLayer";

export interface RegisterOptions {
  /** Take the place of a function of the same name instead of refusing. Default `false`. */
  replace?: boolean;
}

/** Functions by name. A value to create and pass on: importing a file registers nothing. */
export interface Registry {
  /** In the order of registration. */
  names(): string[];
  has(name: string): boolean;
  /** @throws SymgradError `E_NAME` listing the known names, the nearest first. */
  get(name: string): SymbolicFunction;
  /**
   * Adds a function after checking it against the contract; a refused one changes nothing.
   *
   * @throws SymgradError `E_USAGE` if it breaks the contract or the registry is in use; `E_DUPLICATE` if the name is
   *   taken.
   */
  register(fn: SymbolicFunction, options?: RegisterOptions): void;
  /**
   * The function as a differentiable layer. The first layer freezes the registry, so that a name cannot change its
   * meaning under a model.
   *
   * @throws SymgradError `E_NAME`; `E_VOCABULARY` if the vocabulary lacks tokens of the function's output; `E_USAGE`
   *   for an option of the wrong type.
   */
  layer(name: string, options: LayerOptions): SymbolicLayer;
}

/**
 * A registry of the given functions.
 *
 * @throws SymgradError as `register`.
 * @example createRegistry([calculator]).names(); // ["symgrad.calculator.v1"]
 */
export function createRegistry(functions: readonly SymbolicFunction[] = []): Registry {
  const known = new Map<string, SymbolicFunction>();
  let firstLayer: string | undefined;

  const get = (name: string): SymbolicFunction => {
    const fn = known.get(name);
    if (fn !== undefined) return fn;
    const close = nearestNames(name, [...known.keys()]);
    const listed = known.size === 0 ? "none is registered" : `known: ${[...known.keys()].join(", ")}`;
    throw new SymgradError("E_NAME", `no symbolic function is called ${JSON.stringify(name)}; ${listed}.`, {
      hint: close.length > 0 ? `did you mean ${close.join(" or ")}?` : "register it: createRegistry([...])",
    });
  };
  const register = (fn: SymbolicFunction, { replace = false }: RegisterOptions = {}): void => {
    assertFunction(fn);
    if (firstLayer !== undefined) {
      throw new SymgradError(
        "E_USAGE",
        `cannot register ${fn.name}: the registry is in use since the layer ${firstLayer} was made from it.`,
        { hint: "register all functions before the first layer" },
      );
    }
    if (known.has(fn.name) && !replace) {
      throw new SymgradError("E_DUPLICATE", `a symbolic function called ${fn.name} is already registered.`, {
        hint: "give yours another name or version, or pass { replace: true }",
      });
    }
    known.set(fn.name, fn);
  };

  for (const fn of functions) register(fn);
  return {
    names: () => [...known.keys()],
    has: (name) => known.has(name),
    get,
    register,
    layer(name, options) {
      const layer = createLayer(get(name), options);
      firstLayer ??= name;
      return layer;
    },
  };
}
