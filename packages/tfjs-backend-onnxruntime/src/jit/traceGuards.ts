import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";

/** TensorFlow.js's optimizers, and ours that do the same. */
const STOCK_OPTIMIZERS = [
  [tf.SGDOptimizer, "SGD"],
  [tf.MomentumOptimizer, "SGD with a momentum"],
  [tf.AdagradOptimizer, "Adagrad"],
  [tf.AdadeltaOptimizer, "RMSProp"],
  [tf.RMSPropOptimizer, "RMSProp"],
  [tf.AdamOptimizer, "Adam"],
  [tf.AdamaxOptimizer, "Adam"],
] as const;

/** Runs `body` so that nothing is silently baked into the trace: what cannot be recorded throws. */
export function withTraceGuards<T>(body: () => T): T {
  const { assign } = tf.Variable.prototype;
  const restore = [
    replace(tf.Variable.prototype, "assign", function (this: tf.Variable, value: tf.Tensor) {
      // Sharing another variable's data would read as those data, not as what the variable holds at each run.
      assign.call(this, value instanceof tf.Variable ? tf.clone(value) : value);
    }),
    replace(Math, "random", () => {
      throw new SymgradError(
        "E_TRACE",
        "jit: Math.random was called while tracing; its value would be baked into the graph.",
        {
          hint: "draw with an explicit random key, or pass the random numbers as a tensor argument (tf.randomUniform, tf.dropout and friends draw this way too, and so do the first weights of a layer: build it before the call)",
        },
      );
    }),
    replace(
      tf.engine(),
      "makeVariable",
      (initial: tf.Tensor, _trainable?: boolean, name = "without a name") => {
        throw new SymgradError(
          "E_TRACE",
          `jit: the function made the variable "${name}" of shape [${initial.shape}] while tracing.`,
          {
            hint: "make variables before the call; a tf.layers model makes its own when it is built: give its first layer an inputShape, or call it once outside",
          },
        );
      },
    ),
    ...STOCK_OPTIMIZERS.map(([{ className, prototype }, ours]) =>
      replace(prototype, "applyGradients", () => {
        throw new SymgradError(
          "E_TRACE",
          `jit: the ${className} optimizer of tf.train cannot be traced: it keeps its learning rate as a number, which would be baked into the graph, and makes its variables at the first step.`,
          {
            hint: `use ${ours} of @symgrad/core, made before the call; its apply(gradients, learningRate) takes the rate as a tensor`,
          },
        );
      }),
    ),
  ];
  try {
    return body();
  } finally {
    for (const back of restore.reverse()) back();
  }
}

/** Puts a function in a method's place; the result puts everything back as it was. */
function replace<K extends string>(
  owner: object,
  method: K,
  by: (this: never, ...args: never[]) => unknown,
): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, method);
  Object.defineProperty(owner, method, { value: by, configurable: true, writable: true });
  return () => {
    if (own) Object.defineProperty(owner, method, own);
    else delete (owner as Record<string, unknown>)[method];
  };
}
