import { SymgradError } from "../errors";

/**
 * `JSON.stringify` that refuses what JSON would change in silence: a number that is not finite (it becomes `null`).
 *
 * @param what Names the value in the error.
 * @throws SymgradError `E_RANGE` naming the field.
 */
export function strictJson(value: unknown, what: string, indent?: number): string {
  return JSON.stringify(
    value,
    (field, part: unknown) => {
      if (typeof part === "number" && !Number.isFinite(part)) {
        throw new SymgradError(
          "E_RANGE",
          `${what}: "${field}" is ${part}; only finite numbers can be stored.`,
        );
      }
      return part;
    },
    indent,
  );
}
