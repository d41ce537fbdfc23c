import * as tf from "@tensorflow/tfjs";

/**
 * A part of a network that owns variables. Subclasses hold `tf.Variable`s, other modules, or arrays of either as
 * ordinary properties; `parameters` finds them there, in the order of their declaration.
 *
 * Names and layouts follow PyTorch (`weight` is `[outputs, inputs]`), so checkpoints carry over.
 */
export abstract class Module {
  /**
   * Every variable under its path: `"layers.0.attention.query.weight"`. A variable reachable by two paths (shared
   * weights) is listed once, under the first.
   */
  parameters(): Map<string, tf.Variable> {
    const found = new Map<string, tf.Variable>();
    const seen = new Set<object>();
    const visit = (path: string, value: unknown): void => {
      if (typeof value !== "object" || value === null || seen.has(value)) return;
      if (value instanceof tf.Variable) {
        seen.add(value);
        found.set(path, value);
      } else if (value instanceof Module) {
        seen.add(value);
        for (const [name, child] of Object.entries(value))
          visit(path === "" ? name : `${path}.${name}`, child);
      } else if (Array.isArray(value)) {
        for (const [i, child] of value.entries()) visit(`${path}.${i}`, child);
      }
    };
    visit("", this);
    return found;
  }

  /** Frees the variables. The module is of no use afterwards. */
  dispose(): void {
    for (const variable of this.parameters().values()) variable.dispose();
  }
}
