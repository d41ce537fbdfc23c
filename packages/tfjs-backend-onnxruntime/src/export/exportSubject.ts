import type * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import type { ExportInput, ExportOnnxOptions, ExportSubject, InferenceFunction } from "./exportTypes";

const DTYPES = ["float32", "int32", "int64", "bool"] as const;

/** A function as it is, or a tf.layers model as a function of its named inputs; checks what the caller said of them. */
export function exportSubject(
  what: InferenceFunction | tf.LayersModel,
  options: ExportOnnxOptions,
): ExportSubject {
  if (typeof what !== "function" && !isModel(what)) {
    throw new SymgradError(
      "E_EXPORT",
      `exportOnnx: expected a function or a tf.layers model, got ${describe(what)}.`,
      {
        hint: "wrap anything else in a function of its inputs: ({ x }) => model.apply(x)",
      },
    );
  }
  const subject =
    typeof what === "function"
      ? { name: what.name || "function", given: options.inputs ?? {}, run: what }
      : modelSubject(what, options.inputs ?? {});
  const inputs = Object.entries(subject.given).map(([name, { shape, dtype = "float32", below = 2 }]) => {
    if (!DTYPES.includes(dtype)) {
      throw new SymgradError(
        "E_DTYPE",
        `exportOnnx: input "${name}" must be one of ${DTYPES.join(", ")}, got ${dtype}.`,
      );
    }
    for (const axis of shape) {
      if (typeof axis === "string" ? axis !== "" : Number.isInteger(axis) && axis >= 0) continue;
      throw new SymgradError(
        "E_SHAPE",
        `exportOnnx: axes of input "${name}" must be lengths or names, got ${axis}.`,
      );
    }
    return [name, { shape, dtype, below }] as const;
  });
  if (inputs.length === 0) {
    throw new SymgradError("E_EXPORT", "exportOnnx: the function has no inputs.", {
      hint: 'name them: { inputs: { x: { shape: ["batch", 8] } } }',
    });
  }
  return { name: options.name ?? subject.name, inputs: new Map(inputs), run: subject.run };
}

function isModel(what: unknown): what is tf.LayersModel {
  const model = what as Partial<tf.LayersModel> | null;
  return typeof model === "object" && Array.isArray(model?.inputs) && typeof model.apply === "function";
}

function modelSubject(model: tf.LayersModel, given: Readonly<Record<string, ExportInput>>) {
  const known = model.inputs.map((input) => {
    const shape = input.shape.map((axis, i) => axis ?? (i === 0 ? "batch" : `${input.name}_axis${i}`));
    return [input.name, { shape, dtype: input.dtype as ExportInput["dtype"], ...given[input.name] }] as const;
  });
  for (const name of Object.keys(given)) {
    if (known.some(([one]) => one === name)) continue;
    throw new SymgradError("E_NAME", `exportOnnx: the model has no input "${name}".`, {
      hint: `known: ${model.inputNames.join(", ")}`,
    });
  }
  return {
    name: model.name,
    given: Object.fromEntries(known) as Record<string, ExportInput>,
    run: (inputs: Record<string, tf.Tensor>) => {
      const list = model.inputs.map(({ name }) => inputs[name]!);
      const result = model.apply(list.length === 1 ? list[0]! : list);
      const outputs = Array.isArray(result) ? result : [result];
      return Object.fromEntries(model.outputNames.map((name, i) => [name, outputs[i]]));
    },
  };
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? `a ${value.constructor?.name}` : typeof value;
}
