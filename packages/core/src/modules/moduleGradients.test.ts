import { gradientTolerance } from "@symgrad/testing";
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { compareParameterGradients, weigh } from "../../test/parameterGradients";
import { valueAndGradients } from "../optimizers/valueAndGradients";
import { normal } from "../random/normal";
import { key } from "../random/randomKey";
import { Embedding } from "./embedding";
import { LayerNorm } from "./layerNorm";
import { Linear } from "./linear";
import { Module } from "./module";
import { MultiHeadAttention } from "./multiHeadAttention";
import { dropout } from "./ops/dropout";
import { feedForward } from "./ops/feedForward";
import { gelu } from "./ops/gelu";
import { maskLogits } from "./ops/maskLogits";
import { softmaxCrossEntropy } from "./ops/softmaxCrossEntropy";
import { ShortConvolution } from "./shortConvolution";
import { TransformerEncoder } from "./transformerEncoder";

/** A variable to differentiate by that is not a weight: the input. */
class Input extends Module {
  readonly value: tf.Variable;
  constructor(shape: number[], seed: number) {
    super();
    this.value = tf.tidy(() => tf.variable(normal(key(seed), shape)));
  }
}

/** A feed-forward network's two maps. */
class Maps extends Module {
  readonly wide = new Linear({ inputs: 3, outputs: 6, key: key(1) });
  readonly narrow = new Linear({ inputs: 6, outputs: 3, key: key(2) });

  weights() {
    const parts = ({ weight, bias }: Linear) => ({ weight, bias: bias! });
    return { wide: parts(this.wide), narrow: parts(this.narrow) };
  }
}

interface Case {
  module?: Module;
  input: number[];
  /** One call of what is under test. */
  apply: (x: tf.Tensor) => tf.Tensor;
  /** What of the result is promised, where that is not all of it. */
  promised?: (y: tf.Tensor, x: tf.Tensor) => tf.Tensor;
}

let mask: tf.Tensor2D;
beforeAll(async () => {
  await tf.setBackend("cpu");
  mask = tf.tensor2d([
    [1, 1, 1, 0],
    [1, 1, 1, 1],
  ]);
});

/** Norm weights start at 1 and biases at 0: moved away, so that a slip between them shows. */
function disturb(module: Module): void {
  for (const [name, variable] of module.parameters()) {
    tf.tidy(() => variable.assign(variable.add(normal(key(name), variable.shape).mul(0.1))));
  }
}

const encoder = (options: Partial<ConstructorParameters<typeof TransformerEncoder>[0]>): Case => {
  const module = new TransformerEncoder({
    layers: 2,
    hidden: 4,
    heads: 2,
    intermediate: 6,
    key: key(1),
    ...options,
  });
  return {
    module,
    input: [2, 4, 4],
    apply: (x) => module.apply(x, { mask }),
    promised: (y) => y.mul(mask.expandDims(2)),
  };
};

const cases: Record<string, () => Case> = {
  "Linear, rank 3": () => {
    const module = new Linear({ inputs: 3, outputs: 4, key: key(1) });
    return { module, input: [2, 2, 3], apply: (x) => module.apply(x) };
  },
  "Linear without bias, rank 1": () => {
    const module = new Linear({ inputs: 3, outputs: 4, bias: false, key: key(1) });
    return { module, input: [3], apply: (x) => module.apply(x) };
  },
  Embedding: () => {
    const module = new Embedding({ rows: 5, hidden: 3, key: key(1) });
    const ids = tf.tensor2d(
      [
        [0, 2, 2],
        [4, 0, 2],
      ],
      [2, 3],
      "int32",
    );
    return { module, input: [3], apply: () => module.apply(ids), promised: (y, x) => y.mul(x) };
  },
  LayerNorm: () => {
    const module = new LayerNorm({ hidden: 5 });
    return { module, input: [2, 3, 5], apply: (x) => module.apply(x) };
  },
  "feedForward, one block": () => {
    const module = new Maps();
    return { module, input: [5, 3], apply: (x) => feedForward(x, module.weights()) };
  },
  "feedForward, blocks of which the last is shorter": () => {
    const module = new Maps();
    return { module, input: [5, 3], apply: (x) => feedForward(x, module.weights(), 2) };
  },
  gelu: () => ({ input: [3, 4], apply: gelu }),
  dropout: () => ({ input: [4, 5], apply: (x) => dropout(x, 0.4, key(3)) }),
  maskLogits: () => ({ input: [2, 4], apply: (x) => maskLogits(x, mask), promised: (y) => tf.softmax(y) }),
  softmaxCrossEntropy: () => {
    const labels = tf.tensor1d([3, 0], "int32");
    return { input: [2, 4], apply: (x) => softmaxCrossEntropy(x, labels) };
  },
  "MultiHeadAttention, masked": () => {
    const module = new MultiHeadAttention({ hidden: 4, heads: 2, key: key(1) });
    return { module, input: [2, 4, 4], apply: (x) => module.apply(x, { mask }) };
  },
  "MultiHeadAttention, dropout": () => {
    const module = new MultiHeadAttention({ hidden: 4, heads: 2, dropout: 0.3, key: key(1) });
    return { module, input: [2, 4, 4], apply: (x) => module.apply(x, { key: key(9) }) };
  },
  ShortConvolution: () => {
    const module = new ShortConvolution({ hidden: 3, width: 5, key: key(1) });
    return { module, input: [2, 4, 3], apply: (x) => module.apply(x, mask) };
  },
  "TransformerEncoder, pre-normalization, short convolution, equal start": () =>
    encoder({ shortConvolution: 3, equalStart: 1.5 }),
  "TransformerEncoder, post-normalization, relu": () =>
    encoder({ normalization: "post", activation: "relu" }),
};

describe.each(Object.keys(cases))("%s", (name) => {
  test("gradients agree with central differences", () => {
    const { module, input, apply, promised = (y) => y } = cases[name]!();
    if (module !== undefined) disturb(module);
    const x = new Input(input, 2);
    const parameters = new Map([...x.parameters(), ...(module?.parameters() ?? [])]);
    const comparisons = compareParameterGradients(
      () => weigh(promised(apply(x.value), x.value)),
      parameters,
      4,
    );
    for (const [parameter, { difference, size }] of comparisons) {
      expect(difference, `${parameter}, size ${size}`).toBeLessThan(gradientTolerance(size));
    }
    // Of the whole case no more than the attention keys' biases, which softmax cannot see, are flat.
    const flat = [...comparisons].filter(([, { size }]) => size < 1e-3).map(([parameter]) => parameter);
    expect(flat.filter((parameter) => !parameter.endsWith("key.bias"))).toEqual([]);
  });

  test("a call leaves one tensor behind, a gradient its results", () => {
    const { module, input, apply } = cases[name]!();
    const x = new Input(input, 2);
    const parameters = new Map([...x.parameters(), ...(module?.parameters() ?? [])]);
    const before = tf.memory().numTensors;
    const y = apply(x.value);
    expect(tf.memory().numTensors - before).toBe(1);
    y.dispose();
    const { value, gradients } = valueAndGradients(() => apply(x.value).square().sum(), parameters);
    expect(tf.memory().numTensors - before).toBe(1 + gradients.size);
    tf.dispose([value, ...gradients.values()]);
    module?.dispose();
    x.dispose();
    expect(tf.memory().numTensors).toBe(before - parameters.size);
  });
});

test("a wrong gradient is seen", () => {
  const x = new Input([3, 4], 2);
  const wrong = tf.customGrad((value) => ({
    value: tf.square(value as tf.Tensor),
    gradFunc: (cotangent: tf.Tensor) => cotangent.mul(value as tf.Tensor).mul(1.9),
  }));
  const { difference, size } = compareParameterGradients(() => weigh(wrong(x.value)), x.parameters(), 4).get(
    "value",
  )!;
  expect(difference).toBeGreaterThan(gradientTolerance(size));
});

test.each([1, 2, 4, 5, 100])("feedForward in blocks of %i rows is the composed network", (blockRows) => {
  const module = new Maps();
  const x = normal(key(3), [5, 3]);
  const composed = module.narrow.apply(gelu(module.wide.apply(x)));
  const difference = feedForward(x, module.weights(), blockRows).sub(composed).abs().max();
  expect(difference.dataSync()[0]).toBeLessThan(1e-6);
});
