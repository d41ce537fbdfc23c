import { isTracing, SymgradError } from "@symgrad/core";
import * as tf from "@tensorflow/tfjs";
import type { Temperature } from "../estimator";
import { withoutGradient } from "./withoutGradient";

/** Throws `E_RANGE` unless the temperature is a finite number above 0; a traced tensor cannot be looked at. */
export function assertTemperature(where: string, temperature: Temperature): void {
  if (typeof temperature !== "number" && temperature.rank !== 0) {
    throw new SymgradError(
      "E_SHAPE",
      `${where}: \`temperature\` must be a number or a scalar tensor, got shape [${temperature.shape.join(", ")}].`,
    );
  }
  if (typeof temperature !== "number" && isTracing()) return;
  const value = typeof temperature === "number" ? temperature : temperature.dataSync()[0]!;
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new SymgradError("E_RANGE", `${where}: \`temperature\` must be above 0 and finite, got ${value}.`, {
      hint: "for the noise-free argmax leave out the key instead of lowering the temperature to 0",
    });
  }
}

/** The temperature as a scalar tensor. One that turns out not to be above 0 in a traced graph becomes NaN. */
export function temperatureTensor(temperature: Temperature): tf.Scalar {
  if (typeof temperature === "number") return tf.scalar(temperature);
  const [usable] = withoutGradient<[tf.Tensor]>(() => [tf.greater(temperature, 0)]);
  return tf.where(usable, temperature, tf.scalar(Number.NaN));
}
