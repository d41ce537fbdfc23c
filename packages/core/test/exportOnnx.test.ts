import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { expect, test } from "vitest";
import {
  Embedding,
  exportOnnx,
  initBackend,
  key,
  MultiHeadAttention,
  TransformerEncoder,
} from "../src/index";

const available = await initBackend({ backend: "onnxruntime", threads: 2 }).then(
  () => true,
  () => false,
);

test.skipIf(!available).each(["pre", "post"] as const)(
  "an encoder, %s-normalization: batch and sequence of any length, int64 ids, checked in a plain session",
  async (normalization) => {
    const table = new Embedding({ rows: 13, hidden: 8, standardDeviation: 0.5, key: key(1) });
    const encoder = new TransformerEncoder({
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
    const folder = await fs.mkdtemp(join(tmpdir(), "encoder-"));
    const encode = ({ ids, mask }: { ids: tf.Tensor; mask: tf.Tensor }) =>
      encoder.apply(table.apply(ids), { mask: mask.toFloat() });
    const exported = await exportOnnx(encode, join(folder, "encoder.onnx"), {
      inputs: {
        ids: { shape: ["batch", "sequence"], dtype: "int64", below: 13 },
        mask: { shape: ["batch", "sequence"], dtype: "bool" },
      },
    });
    await fs.rm(folder, { recursive: true });
    expect(exported.fixedAxes).toEqual([]);
    expect(exported.outputs).toEqual([{ name: "output", dtype: "float32", shape: ["batch", "sequence", 8] }]);
    expect(exported.checks.map(({ lengths }) => lengths)).toEqual([
      { batch: 1, sequence: 1 },
      { batch: 2, sequence: 3 },
      { batch: 3, sequence: 10 },
      { batch: 130, sequence: 2 },
      { batch: 2, sequence: 130 },
    ]);
  },
);

test.skipIf(!available)(
  "attention is one operator in a file, and a gradient through it can be exported",
  async () => {
    const attention = new MultiHeadAttention({ hidden: 8, heads: 2, key: key(3) });
    const folder = await fs.mkdtemp(join(tmpdir(), "attention-"));
    const inputs = {
      x: { shape: ["batch", "sequence", 8] },
      mask: { shape: ["batch", "sequence"], dtype: "bool" },
    } as const;
    const apply = ({ x, mask }: { x: tf.Tensor; mask: tf.Tensor }) => attention.apply(x, { mask });
    const forward = await exportOnnx(apply, join(folder, "forward.onnx"), { inputs });
    expect(forward.domains).toEqual(["com.microsoft"]);
    const slope = ({ x, mask }: { x: tf.Tensor; mask: tf.Tensor }) =>
      tf.grad((at) => apply({ x: at, mask }).square().sum())(x);
    const backward = await exportOnnx(slope, join(folder, "backward.onnx"), { inputs });
    await fs.rm(folder, { recursive: true });
    for (const { checks } of [forward, backward]) expect(checks.length).toBeGreaterThan(3);
  },
);
