import { SymgradError } from "@symgrad/core";

/**
 * The shape of an elementwise operation of tensors of these shapes.
 *
 * @throws SymgradError `E_SHAPE` if two sizes of an axis differ and neither is 1.
 */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (left !== right && left !== 1 && right !== 1) {
      throw new SymgradError(
        "E_SHAPE",
        `shapes [${a.join(", ")}] and [${b.join(", ")}] do not broadcast: sizes ${left} and ${right} of one axis.`,
      );
    }
    return left === 1 ? right : left;
  });
}
