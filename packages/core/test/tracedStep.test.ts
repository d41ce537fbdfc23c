import { relativeError } from "@symgrad/testing";
import { jit, registerOnnxRuntimeBackend } from "@symgrad/tfjs-backend-onnxruntime";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import {
  AdamW,
  clipByGlobalNorm,
  Embedding,
  key,
  layerNorm,
  Module,
  type RandomKey,
  TransformerEncoder,
  uniform,
  valueAndGradients,
} from "../src/index";

const available = await registerOnnxRuntimeBackend().then(
  () => true,
  () => false,
);

/** A small encoder with every part that a trace may trip over: tables, convolution, dropout, masks. */
class Model extends Module {
  readonly table = new Embedding({ rows: 11, hidden: 8, standardDeviation: 0.1, key: key(1) });
  readonly encoder: TransformerEncoder;
  constructor(normalization: "pre" | "post") {
    super();
    this.encoder = new TransformerEncoder({
      layers: 2,
      hidden: 8,
      heads: 2,
      intermediate: 16,
      normalization,
      shortConvolution: 5,
      equalStart: 1.5,
      dropout: 0.2,
      key: key(2),
    });
  }
  loss(ids: tf.Tensor, mask: tf.Tensor, drawn: RandomKey): tf.Tensor {
    const y = this.encoder.apply(this.table.apply(ids), { mask, key: drawn });
    const target = uniform(drawn.fold("target"), y.shape);
    return y.sub(target).square().mul(mask.expandDims(2)).mean();
  }
}

interface Run {
  gradients: Map<string, ArrayLike<number>>;
  losses: number[];
  parameters: Map<string, ArrayLike<number>>;
}

const inputs = () => ({
  ids: tf.tensor2d(
    [
      [3, 1, 4, 1, 5],
      [9, 2, 6, 0, 0],
    ],
    [2, 5],
    "int32",
  ),
  mask: tf.tensor2d([
    [1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0],
  ]),
});

/** First gradients, then four steps, each with a key and a rate of its own. */
async function train(backend: string, normalization: "pre" | "post"): Promise<Run> {
  await tf.setBackend(backend);
  const model = new Model(normalization);
  const parameters = model.parameters();
  const optimizer = new AdamW({ parameters });
  const { ids, mask } = inputs();

  const gradientsOf = jit((ids: tf.Tensor, mask: tf.Tensor, drawn: RandomKey) => {
    const { gradients } = valueAndGradients(() => model.loss(ids, mask, drawn), parameters);
    return Object.fromEntries(gradients);
  });
  const first = await gradientsOf(ids, mask, key(100));
  const gradients = new Map(Object.entries(first).map(([name, gradient]) => [name, gradient.dataSync()]));

  const step = jit((ids: tf.Tensor, mask: tf.Tensor, drawn: RandomKey, rate: tf.Scalar) => {
    const { value, gradients } = valueAndGradients(() => model.loss(ids, mask, drawn), parameters);
    const clipped = clipByGlobalNorm(gradients, 1);
    optimizer.apply(clipped.gradients, rate);
    return value;
  });
  const losses: number[] = [];
  for (let i = 0; i < 4; i++) {
    const rate = tf.scalar(0.01 / (i + 1));
    const before = tf.memory().numTensors;
    const value = await step(ids, mask, key(100).fold(i), rate);
    expect(tf.memory().numTensors).toBe(before + 1);
    losses.push(value.dataSync()[0]!);
  }
  return {
    gradients,
    losses,
    parameters: new Map([...parameters].map(([name, variable]) => [name, variable.dataSync().slice()])),
  };
}

test.skipIf(!available).each(["pre", "post"] as const)(
  "a traced step equals the eager one on tfjs-cpu, %s-normalization",
  async (normalization) => {
    const eager = await train("cpu", normalization);
    const traced = await train("onnxruntime", normalization);
    expect([...traced.gradients.keys()]).toEqual([...eager.gradients.keys()]);
    for (const [name, gradient] of eager.gradients) {
      // Softmax cannot see a shift by the key's bias: its gradient is rounding alone.
      if (name.endsWith("key.bias")) continue;
      expect(relativeError(traced.gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
    }
    expect(relativeError(traced.losses, eager.losses)).toBeLessThan(1e-5);
    expect(new Set(traced.losses).size).toBe(4);
  },
);

test.skipIf(!available)("traced layer norm keeps its digits for vectors that are far from 0", async () => {
  const run = async (backend: string) => {
    await tf.setBackend(backend);
    const x = uniform(key(4), [6, 64]).add(tf.tensor2d([0, 1, 10, 30, 100, -100], [6, 1]));
    const [weight, bias] = [uniform(key(5), [64]), uniform(key(6), [64])];
    return (await jit((x: tf.Tensor) => layerNorm(x, weight, bias))(x)).dataSync();
  };
  expect(relativeError(await run("onnxruntime"), await run("cpu"))).toBeLessThan(1e-4);
});

test.skipIf(!available)(
  "a traced function draws anew for each key, and the same for the same key",
  async () => {
    await tf.setBackend("onnxruntime");
    const draw = jit((drawn: RandomKey) => uniform(drawn.split(2)[1]!, [3]).mul(1));
    const of = async (seed: number) => [...(await draw(key(seed))).dataSync()];
    const first = await of(1);
    expect(await of(2)).not.toEqual(first);
    expect(await of(1)).toEqual(first);
    expect(first).toEqual([...uniform(key(1).split(2)[1]!, [3]).dataSync()]);
    expect(draw.stats.traces).toBe(1);
  },
);
