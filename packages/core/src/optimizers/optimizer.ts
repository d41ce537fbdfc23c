import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { assertShape } from "../internal/assertShape";

export interface OptimizerOptions {
  /** As `Module.parameters()` gives them. */
  parameters: ReadonlyMap<string, tf.Variable>;
  /** Which parameters decay. Default: those of two axes or more (weights and tables; not biases and norms). */
  decays?: (name: string) => boolean;
  /**
   * What multiplies the learning rate of a parameter, above 0; with `decays` these are parameter groups. A parameter that
   * is to stay as it is needs no gradient. Default: 1 for all.
   */
  rateScale?: (name: string) => number;
}

/** One parameter's turn. */
export interface ParameterUpdate<Slot extends string> {
  readonly name: string;
  readonly parameter: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly slots: Readonly<Record<Slot, tf.Tensor>>;
}

/** The parameter's new value and those of its slots. */
export type UpdatedParameter<Slot extends string> = { readonly parameter: tf.Tensor } & Readonly<
  Record<Slot, tf.Tensor>
>;

/** What a subclass tells about itself. */
interface Description<Slot extends string> {
  /** For errors. */
  name: string;
  /** Variables beside each parameter, of its shape, and the number that they start at. */
  slots: Readonly<Record<Slot, number>>;
  /** Whether the rule wants to know how many steps there were. */
  counts?: boolean;
  /** Added to each decaying parameter's gradient, times the parameter (an L2 penalty). Default 0. */
  weightDecay?: number;
}

/**
 * What every optimizer shares: slots and step count are variables made up front and the learning rate is a tensor, so
 * that a step can be traced by `jit` (nothing is created inside it, no number is baked in) and a checkpoint can hold
 * all of it. A subclass only says how one parameter is updated.
 */
export abstract class Optimizer<Slot extends string = string> {
  readonly #name: string;
  readonly #parameters: ReadonlyMap<string, tf.Variable>;
  readonly #slots = new Map<string, Record<Slot, tf.Variable>>();
  readonly #step: tf.Variable | undefined;
  readonly #weightDecay: number;
  readonly #decays: (name: string) => boolean;
  readonly #rateScales = new Map<string, number>();

  protected constructor(options: OptimizerOptions, description: Description<Slot>) {
    const { parameters } = options;
    this.#name = description.name;
    this.#parameters = new Map(parameters);
    this.#decays = options.decays ?? ((name) => parameters.get(name)!.rank >= 2);
    this.#weightDecay = description.weightDecay ?? 0;
    for (const name of parameters.keys()) {
      const scale = options.rateScale?.(name) ?? 1;
      if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
        throw new SymgradError(
          "E_RANGE",
          `${description.name}: \`rateScale\` of "${name}" must be above 0, got ${scale}.`,
          { hint: "leave the gradient of a parameter out that is to stay as it is" },
        );
      }
      this.#rateScales.set(name, scale);
    }
    const starts = Object.entries<number>(description.slots);
    for (const [name, { shape }] of parameters) {
      const slots = starts.map(([slot, start]) => [slot, filled(shape, start)]);
      this.#slots.set(name, Object.fromEntries(slots));
    }
    if (description.counts) this.#step = filled([], 0);
  }

  /**
   * The update rule: called once per step and learning rate, inside a tidy, for what its parameters share; gives the function that
   * updates one parameter.
   *
   * @param learningRate Scalar.
   * @param step Scalar, 1 at the first step; 0 for a rule that does not count.
   */
  protected abstract rule(
    learningRate: tf.Tensor,
    step: tf.Tensor,
  ): (update: ParameterUpdate<Slot>) => UpdatedParameter<Slot>;

  /** Whether weight decay applies to this parameter. */
  protected decays(name: string): boolean {
    return this.#decays(name);
  }

  /**
   * Updates the parameters in place. Parameters without a gradient stay as they are, and so do their slots.
   *
   * @param gradients Under the parameters' names, of the parameters' shapes. Not disposed.
   * @param learningRate A scalar tensor, so that it may change from step to step of a traced function.
   * @throws SymgradError `E_NAME` for a gradient without a parameter; `E_SHAPE` if shapes disagree.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, learningRate: tf.Scalar): void {
    assertShape(this.#name, "learningRate", learningRate, [], "pass tf.scalar(rate)");
    for (const [name, gradient] of gradients) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) {
        throw new SymgradError("E_NAME", `${this.#name}: there is no parameter "${name}".`, {
          hint: `known: ${[...this.#parameters.keys()].join(", ")}`,
        });
      }
      assertShape(this.#name, `gradient of ${name}`, gradient, parameter.shape);
    }
    tf.tidy(() => {
      const step = tf.add(this.#step ?? 0, 1);
      this.#step?.assign(step);
      const rules = new Map<number, ReturnType<typeof this.rule>>();
      const ruleOf = (scale: number) => {
        const rule =
          rules.get(scale) ?? this.rule(scale === 1 ? learningRate : learningRate.mul(scale), step);
        rules.set(scale, rule);
        return rule;
      };
      for (const [name, gradient] of gradients) {
        const parameter = this.#parameters.get(name)!;
        const slots = this.#slots.get(name)!;
        const update = ruleOf(this.#rateScales.get(name)!);
        const updated = update({ name, parameter, gradient: this.#penalized(name, gradient), slots });
        parameter.assign(updated.parameter);
        for (const slot in slots) slots[slot].assign(updated[slot]);
      }
    });
  }

  /** What a checkpoint must hold besides the parameters: `"<slot>.<name>"`, and `"step"` where steps count. */
  state(): Map<string, tf.Variable> {
    const state = new Map<string, tf.Variable>();
    for (const [name, slots] of this.#slots) {
      for (const slot in slots) state.set(`${slot}.${name}`, slots[slot]);
    }
    return this.#step ? state.set("step", this.#step) : state;
  }

  /** Frees the slots and the step count; not the parameters. */
  dispose(): void {
    for (const variable of this.state().values()) variable.dispose();
  }

  #penalized(name: string, gradient: tf.Tensor): tf.Tensor {
    if (this.#weightDecay === 0 || !this.#decays(name)) return gradient;
    return gradient.add(this.#parameters.get(name)!.mul(this.#weightDecay));
  }
}

function filled(shape: number[], value: number): tf.Variable {
  return tf.tidy(() => tf.variable(tf.fill(shape, value), false));
}
