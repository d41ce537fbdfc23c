// Memory over 10,000 training steps of a small convolution net, outside and inside `jit`: tensors, the heap and the resident
// set, after the first 1,000 steps and at the end, each time with JavaScript's garbage collected: V8 lets it grow by some
// 5 MB per 1,000 steps before it looks at the old generation.
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { initBackend, jit } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";

const STEPS = 10_000;
const WARM_UP = 1_000;
/** The resident set varies by so much; a leak of one kilobyte a step would be 9 MB. */
const ALLOWED_MB = 4;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

export async function run({ log }) {
  await initBackend({ backend: "onnxruntime", threads: 1 });
  const rows = [];
  for (const name of ["eager", "traced"]) {
    log(`native-memory: ${STEPS} steps, ${name}`);
    const { step, dispose } = createStep();
    const call = name === "eager" ? () => tf.tidy(step) : jit(step, { name: "step" });
    const measure = async () => {
      collectGarbage();
      collectGarbage();
      // A thread of V8's gives the pages back.
      await setTimeout(300);
      const { rss, heapUsed } = process.memoryUsage();
      return { tensors: tf.memory().numTensors, heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
    };
    let early;
    for (let i = 0; i < STEPS; i++) {
      if (i === WARM_UP) early = await measure();
      const loss = await call();
      loss.dispose();
    }
    const late = await measure();
    rows.push({
      case: name,
      steps: STEPS,
      tensorsEarly: early.tensors,
      tensorsLate: late.tensors,
      heapMbEarly: round(early.heapMb),
      heapMbLate: round(late.heapMb),
      rssMbEarly: round(early.rssMb),
      rssMbLate: round(late.rssMb),
    });
    call.dispose?.();
    dispose();
  }
  return {
    what: `tensors, heap and resident set, garbage collected, after ${WARM_UP} steps (early) and ${STEPS} steps (late)`,
    rows,
    failed: rows.some(
      (row) => row.tensorsLate !== row.tensorsEarly || row.rssMbLate - row.rssMbEarly > ALLOWED_MB,
    ),
  };
}

const round = (megabytes) => Number(megabytes.toFixed(1));

/** Forward, gradients and plain descent; the large kernels run on ONNX Runtime, the small ones in JavaScript. */
function createStep() {
  const x = tf.randomNormal([8, 8, 8, 4], 0, 1, "float32", 1);
  const labels = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], "int32"), 3).toFloat();
  const filter = tf.variable(tf.randomNormal([3, 3, 4, 8], 0, 0.3, "float32", 2));
  const weights = tf.variable(tf.randomNormal([128, 3], 0, 0.3, "float32", 3));
  const rate = tf.scalar(0.01);
  const loss = () => {
    const hidden = tf.maxPool(tf.relu(tf.conv2d(x, filter, 1, "same")), 2, 2, "valid");
    return tf.losses.softmaxCrossEntropy(labels, tf.matMul(hidden.reshape([8, 128]), weights));
  };
  return {
    step() {
      const { value, grads } = tf.variableGrads(loss, [filter, weights]);
      for (const variable of [filter, weights]) variable.assign(variable.sub(grads[variable.name].mul(rate)));
      return value;
    },
    dispose: () => tf.dispose([x, labels, filter, weights, rate]),
  };
}
