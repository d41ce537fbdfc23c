import * as tf from "@tensorflow/tfjs";
import { SymgradError } from "../errors";
import { DTYPES, type StoredTensor } from "./safetensorsFormat";

const LISTED = 8; // names shown of each kind

/**
 * Assigns stored tensors to variables of the same names. Everything is checked first: if one name, shape or type
 * disagrees, or a value is not finite, no variable changes.
 *
 * @param parameters Variables by name, as `module.parameters()` or `optimizer.state()` give them.
 * @param stored Tensors by name, as `readSafetensors` gives them (its result may be passed whole).
 * @param options.where What the tensors belong to, for the error: usually the file.
 * @throws SymgradError `E_CHECKPOINT`, listing what is missing, unexpected, of another shape or type, or not finite.
 */
export function loadParameters(
  parameters: ReadonlyMap<string, tf.Variable>,
  stored: ReadonlyMap<string, StoredTensor> | { readonly tensors: ReadonlyMap<string, StoredTensor> },
  options: { where: string },
): void {
  const tensors = "tensors" in stored ? stored.tensors : stored;
  const problems: [kind: string, names: string[]][] = [
    ["missing", []],
    ["unexpected", []],
    ["of another shape", []],
    ["of another type", []],
    ["not finite", []],
  ];
  const [missing, unexpected, shapes, types, values] = problems.map(([, names]) => names) as [
    string[],
    string[],
    string[],
    string[],
    string[],
  ];
  for (const [name, variable] of parameters) {
    const tensor = tensors.get(name);
    if (tensor === undefined) missing.push(name);
    else if (variable.shape.join() !== tensor.shape.join()) {
      shapes.push(`${name} (model [${variable.shape.join(", ")}], stored [${tensor.shape.join(", ")}])`);
    } else if (DTYPES[tensor.dtype].kind !== variable.dtype) {
      types.push(`${name} (model ${variable.dtype}, stored ${tensor.dtype})`);
    } else if (tensor.data instanceof Float32Array && !tensor.data.every(Number.isFinite)) values.push(name);
  }
  for (const name of tensors.keys()) if (!parameters.has(name)) unexpected.push(name);
  const found = problems.filter(([, names]) => names.length > 0);
  if (found.length > 0) {
    const lists = found.map(([kind, names]) => {
      const rest = names.length > LISTED ? `, and ${names.length - LISTED} more` : "";
      return `${names.length} ${kind}: ${names.slice(0, LISTED).join(", ")}${rest}`;
    });
    throw new SymgradError("E_CHECKPOINT", `the stored tensors do not fit the model. ${lists.join("; ")}.`, {
      where: options.where,
      hint:
        found.length === 1 && values.length > 0
          ? "the run that wrote it diverged; use an earlier checkpoint"
          : "build the model with the configuration it was saved with, or load another file",
    });
  }
  for (const [name, variable] of parameters) {
    const { data, shape } = tensors.get(name)!;
    const value = tf.tensor(data, shape, variable.dtype as "float32" | "int32" | "bool");
    variable.assign(value);
    value.dispose();
  }
}
