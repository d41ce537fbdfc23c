import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { GraphData } from "../graph/graph";
import { flatten } from "../jit/leaves";
import { loadOnnxRuntime } from "../runtime";
import type { ExportAxis, ExportedOnnx, ExportInput, ExportSubject } from "./exportTypes";
import { failedAt } from "./failedAt";

type Check = ExportedOnnx["checks"][number];

/**
 * Runs the file in a plain onnxruntime session, at several lengths of its dynamic axes, the shortest among them, and
 * compares every output with what the function gives eagerly.
 *
 * @param fixed Lengths of the axes that are not dynamic.
 * @throws SymgradError `E_EXPORT` with the lengths and numbers if an output differs in shape or value.
 */
export async function checkFile(
  file: string,
  subject: ExportSubject,
  outputNames: readonly string[],
  dynamic: readonly string[],
  fixed: ReadonlyMap<string, number>,
  axes: Readonly<Record<string, ExportAxis>>,
  tolerance: number,
): Promise<Check[]> {
  const ort = await loadOnnxRuntime();
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 3 });
  try {
    const checks: Check[] = [];
    for (const lengths of trialLengths(dynamic, axes)) {
      const all = new Map([...fixed, ...lengths]);
      const feeds: Record<string, InstanceType<typeof ort.Tensor>> = {};
      const examples: Record<string, tf.Tensor> = {};
      for (const [name, input] of subject.inputs) {
        const shape = input.shape.map((axis) => (typeof axis === "string" ? all.get(axis)! : axis));
        const data = exampleData(input, tf.util.sizeFromShape(shape));
        const wide = input.dtype === "int64";
        examples[name] = tf.tensor(data, shape, wide ? "int32" : (input.dtype as "int32"));
        const fed = wide ? BigInt64Array.from(data as Int32Array, BigInt) : data;
        feeds[name] = new ort.Tensor(input.dtype, fed as never, shape);
      }
      const expected = eagerly(subject, examples, all);
      try {
        const results = await session.run(feeds);
        checks.push({
          lengths: Object.fromEntries(lengths),
          difference: compare(outputNames, results, expected, all, tolerance),
        });
      } finally {
        tf.dispose(expected);
      }
    }
    return checks;
  } finally {
    await session.release();
  }
}

/** The function's own results, in the order in which a trace meets them. */
function eagerly(
  subject: ExportSubject,
  examples: Record<string, tf.Tensor>,
  lengths: ReadonlyMap<string, number>,
): tf.Tensor[] {
  try {
    return tf.tidy(() =>
      flatten(subject.run(examples)).flatMap((leaf) => (leaf.kind === "tensor" ? [leaf.tensor.clone()] : [])),
    );
  } catch (cause) {
    throw failedAt(subject.name, lengths, cause);
  } finally {
    tf.dispose(examples);
  }
}

/** The largest difference of all outputs. */
function compare(
  outputNames: readonly string[],
  results: Readonly<Record<string, { dims: readonly number[]; data: unknown }>>,
  expected: readonly tf.Tensor[],
  lengths: ReadonlyMap<string, number>,
  tolerance: number,
): number {
  const where = [...lengths].map(([axis, length]) => `${axis} ${length}`).join(", ") || "its fixed shapes";
  const differences = outputNames.map((name, i) => {
    const [result, wanted] = [results[name]!, expected[i]!];
    if (result.dims.join() !== wanted.shape.join())
      throw mismatch(name, where, `shape [${wanted.shape}]`, `[${result.dims}]`);
    const difference = largestDifference(result.data as GraphData, wanted.dataSync());
    if (!(difference <= tolerance)) {
      throw mismatch(name, where, `the eager numbers within ${tolerance}`, `a difference of ${difference}`);
    }
    return difference;
  });
  return Math.max(...differences);
}

function mismatch(output: string, where: string, wanted: string, got: string): SymgradError {
  return new SymgradError(
    "E_EXPORT",
    `exportOnnx: the file's output "${output}" must have ${wanted}, got ${got}.`,
    {
      where,
      hint: "the function may branch on the lengths in JavaScript; bound them with `axes`, or fix them in `inputs`",
    },
  );
}

/** The shortest lengths, two in between, and one axis after the other much longer than any that was traced. */
function trialLengths(
  dynamic: readonly string[],
  axes: Readonly<Record<string, ExportAxis>>,
): Map<string, number>[] {
  const within = (name: string, length: number) => {
    const { min = 1, max = Number.POSITIVE_INFINITY } = axes[name] ?? {};
    return Math.max(min, Math.min(max, length));
  };
  const trial = (lengthOf: (k: number) => number) =>
    new Map(dynamic.map((name, k) => [name, within(name, lengthOf(k))] as const));
  const trials = [trial(() => 1), trial((k) => 2 + k), trial((k) => 3 + 7 * k)];
  dynamic.forEach((_, long) => {
    trials.push(trial((k) => (k === long ? 130 : 2)));
  });
  const distinct = new Map(trials.map((one) => [JSON.stringify([...one]), one]));
  return [...distinct.values()];
}

/** Fixed numbers of both signs, or whole numbers in range; the same at every run. */
function exampleData(
  { dtype, below }: Required<ExportInput>,
  size: number,
): Float32Array | Int32Array | Uint8Array {
  if (dtype === "float32") return Float32Array.from({ length: size }, (_, i) => Math.sin(1 + 1.7 * i));
  if (dtype === "bool") return Uint8Array.from({ length: size }, (_, i) => (i % 3 === 1 ? 0 : 1));
  return Int32Array.from({ length: size }, (_, i) => (i * 7 + 1) % below);
}

/** Relative to the largest number wanted, if that is above 1. NaN agrees with NaN. */
function largestDifference(got: GraphData, wanted: ArrayLike<number>): number {
  let [scale, gap] = [1, 0];
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [Number(got[i]), wanted[i]!];
    if (Object.is(a + 0, b + 0)) continue;
    if (Number.isFinite(b)) scale = Math.max(scale, Math.abs(b));
    const apart = Math.abs(a - b);
    if (!(apart <= gap)) gap = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return gap / scale;
}
