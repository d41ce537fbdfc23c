import { key, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import { show } from "../internal/show";
import type { PreparedRow } from "./preparedRow";
import type { SymbolicLayer } from "./symbolicLayer";

/** Where a `tf.layers.Layer` gets its candidates from: exactly one of `example` and `field`. */
export interface TfLayerOptions {
  /** The one example whose candidates all scores are for, as plain data: `{ numbers: [1, 2, 3] }`. */
  example?: Readonly<Record<string, unknown>>;
  /** The example's field that a second input fills, `[batch, values]`: each row lists its own numbers. */
  field?: string;
  /** Names the noise of training. Default 0. */
  seed?: number;
  /** The layer's name in its model. */
  name?: string;
  /** The shape of one example's scores, `[candidates]`, for the first layer of a model. */
  inputShape?: (number | null)[];
}

/** What is saved: the function by name and version, the estimator by name, and the options. */
interface TfLayerConfig extends TfLayerOptions {
  function: string;
  estimator: string;
}

/** Layers that a saved model may ask for, by their function's name. Filled by hand alone: nothing registers on import. */
const known = new Map<string, SymbolicLayer>();

/**
 * Lets `tf.loadLayersModel` find the function and the estimator of a saved model, in a process that has not called
 * `layer.toTfLayer()`. A later layer of the same function takes the place of an earlier one.
 */
export function registerTfLayer(layer: SymbolicLayer): void {
  known.set(layer.function.name, layer);
  tf.serialization.registerClass(SymbolicTfLayer);
}

/** See {@link SymbolicLayer.toTfLayer}. */
export function createTfLayer(layer: SymbolicLayer, options: TfLayerOptions): tf.layers.Layer {
  registerTfLayer(layer);
  return new SymbolicTfLayer({ ...options, function: layer.function.name, estimator: layer.estimator.name });
}

class SymbolicTfLayer extends tf.layers.Layer {
  static readonly className = "SymgradSymbolicLayer";
  readonly #config: TfLayerConfig;
  readonly #layer: SymbolicLayer;
  /** The results of a fixed example. */
  readonly #row: PreparedRow | undefined;
  /** Calls in training so far: each draws its own noise. */
  #draws = 0;

  constructor(config: TfLayerConfig) {
    super(config as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.#config = config;
    this.#layer = findLayer(config);
    const { example, field } = config;
    if ((example === undefined) === (field === undefined)) {
      throw new SymgradError(
        "E_USAGE",
        `${config.function}: toTfLayer needs either \`example\` or \`field\`, got ${show({ example, field })}.`,
        {
          hint: 'write toTfLayer({ example: { numbers: [1, 2, 3] } }), or { field: "numbers" } for a second input',
        },
      );
    }
    if (example !== undefined) {
      this.#row = this.#layer.prepareRowsSync(this.#layer.candidates([example]))[0]!;
    }
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [scores] = shapesOf(inputShape);
    return [scores![0]!, this.#length(), this.#layer.outputVocabulary.length];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean } = {}): tf.Tensor {
    return tf.tidy(() => {
      const [scores, values] = (Array.isArray(inputs) ? inputs : [inputs]) as [tf.Tensor2D, tf.Tensor2D?];
      const prepared = this.#layer.collate(this.#rows(scores, values), {
        candidates: scores.shape[1],
        length: this.#length(),
      });
      const noise = key(this.#config.seed ?? 0).fold("tf-layer");
      const options = kwargs.training ? { key: noise.fold(this.#draws++) } : {};
      return this.#layer.apply(scores, prepared, options).tokens.output();
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { function: name, estimator, example, field, seed } = this.#config;
    return {
      ...super.getConfig(),
      function: name,
      estimator,
      ...(example !== undefined && { example: example as tf.serialization.ConfigDict }),
      ...(field !== undefined && { field }),
      ...(seed !== undefined && { seed }),
    };
  }

  #rows(scores: tf.Tensor2D, values: tf.Tensor2D | undefined): PreparedRow[] {
    const batch = scores.shape[0];
    if (this.#row !== undefined) return new Array<PreparedRow>(batch).fill(this.#row);
    const { field, function: name } = this.#config;
    if (values === undefined || values.rank !== 2 || values.shape[0] !== batch) {
      throw new SymgradError(
        "E_SHAPE",
        `${name}: the second input must be \`${field}\` with shape [batch, values] = [${batch}, ...], got ${values ? `[${values.shape.join(", ")}]` : "none"}.`,
      );
    }
    const examples = values.arraySync().map((row) => ({ [field!]: row }));
    return this.#layer.prepareRowsSync(this.#layer.candidates(examples));
  }

  #length(): number {
    if (this.#row === undefined) return this.#layer.function.maxLength;
    const { offsets, count } = this.#row;
    let longest = 1;
    for (let i = 0; i < count; i++) longest = Math.max(longest, offsets[i + 1]! - offsets[i]!);
    return longest;
  }
}

function findLayer(config: TfLayerConfig): SymbolicLayer {
  const layer = known.get(config.function);
  if (layer === undefined) {
    throw new SymgradError("E_NAME", `this model calls ${config.function}, which is not registered.`, {
      hint: "before loading: registerTfLayer(registry.layer(name, { estimator, vocabulary }))",
    });
  }
  if (layer.estimator.name !== config.estimator) {
    throw new SymgradError(
      "E_USAGE",
      `this model was saved with the estimator ${config.estimator}; the layer registered for ${config.function} has ${layer.estimator.name}.`,
      { hint: "register a layer with the estimator that the model was trained with" },
    );
  }
  return layer;
}

function shapesOf(shape: tf.Shape | tf.Shape[]): tf.Shape[] {
  return Array.isArray(shape[0]) ? (shape as tf.Shape[]) : [shape as tf.Shape];
}
