import * as tf from "@tensorflow/tfjs";
import { withoutGradient } from "./withoutGradient";

/** The same values, without a path back to what they were computed from. */
export function detach<T extends tf.Tensor>(tensor: T): T {
  return withoutGradient<[T]>(() => [tf.clone(tensor)])[0];
}
