import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";

/** A size wanted exactly, or the name of an axis of any size. */
export type Axis = number | string;

/** `[batch, tokens, 64 (hidden)]`-like text of a wanted shape; `...` stands for any leading axes. */
function describe(axes: readonly Axis[]): string {
  return `[${axes.join(", ")}]`;
}

/**
 * Checks a shape at the public edge. The axis name `"..."` in front stands for any number of leading axes.
 *
 * @throws SymgradError `E_SHAPE` naming the function, the argument, the shape wanted and the shape received.
 */
export function assertShape(
  where: string,
  argument: string,
  tensor: tf.Tensor,
  axes: readonly Axis[],
  hint?: string,
): void {
  const open = axes[0] === "...";
  const wanted = open ? axes.slice(1) : axes;
  const skipped = tensor.shape.length - wanted.length;
  const agrees =
    (open ? skipped >= 0 : skipped === 0) &&
    wanted.every((axis, i) => typeof axis === "string" || axis === tensor.shape[skipped + i]);
  if (agrees) return;
  throw new SymgradError(
    "E_SHAPE",
    `${where}: \`${argument}\` must have shape ${describe(axes)}, got [${tensor.shape.join(", ")}] (rank ${tensor.rank}).`,
    { hint },
  );
}
