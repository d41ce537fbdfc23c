// Chooses a backend in a process of its own and prints what came of it as one line of JSON.
// `node child.mjs init|report|train [backend]`
import util from "node:util";
import * as tf from "@tensorflow/tfjs";
import { AdamW, backendReport, initBackend, jit, key, Linear, valueAndGradients } from "../src/index";

const [, , what, backend] = process.argv;
const options = backend ? { backend: backend as "auto" } : {};
const answer: Record<string, unknown> = {};
try {
  if (what === "report") answer.report = await backendReport();
  answer.info = await initBackend(options);
  await initBackend(options);
  answer.sum = tf.tensor1d([1, 2]).sum().dataSync()[0];
  answer.patched = typeof (util as { isNullOrUndefined?: unknown }).isNullOrUndefined;
  if (what === "train") {
    const linear = new Linear({ inputs: 2, outputs: 1, key: key(1) });
    const parameters = linear.parameters();
    const optimizer = new AdamW({ parameters });
    const step = jit((x: tf.Tensor) => {
      const { value, gradients } = valueAndGradients(
        () =>
          linear
            .apply(tf.gather(x, tf.tensor1d([0, 1, 1], "int32")))
            .square()
            .mean(),
        parameters,
      );
      optimizer.apply(gradients, tf.scalar(0.01));
      return value;
    });
    const x = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    answer.losses = [(await step(x)).dataSync()[0], (await step(x)).dataSync()[0]];
  }
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  answer.error = { code, message };
}
process.stdout.write(JSON.stringify(answer));
