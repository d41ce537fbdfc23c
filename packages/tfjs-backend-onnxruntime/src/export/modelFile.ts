import fs from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { SymgradError } from "../errors";
import { type ExternalData, encodeModel } from "../graph/encodeModel";
import type { GraphData, Value } from "../graph/graph";
import type { DynamicGraph } from "./dynamicGraph";
import type { ExportOnnxOptions, ExportSubject } from "./exportTypes";

/** External data begins at multiples of this, so that runtimes can map it into memory. */
const ALIGNMENT = 4096;
/** Protobuf ends at 2 GiB; the rest is for the graph itself. */
const LARGEST_INSIDE = 2e9;

/** The graph as it goes to the file: named inputs and outputs, weights as constants. */
export interface NamedGraph {
  readonly graph: DynamicGraph["graph"];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly dimensions: ReadonlyMap<string, readonly (number | string)[]>;
}

/** Gives inputs, outputs and weights the names that users know, and turns weights into constants. */
export function nameGraph(dynamic: DynamicGraph, subject: ExportSubject): NamedGraph {
  const taken = new Set<string>();
  const unique = (name: string) => {
    let free = name;
    for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  };
  const renamed = new Map<string, Value>();
  const rename = (value: Value, name: string, type = value.type) => {
    const named = { ...value, name: unique(name), type };
    renamed.set(value.name, named);
    return named;
  };
  const names = [...subject.inputs];
  const given = dynamic.graph.inputs.slice(0, names.length);
  const casts: DynamicGraph["graph"]["nodes"] = [];
  const inputs = given.map((value, i) => {
    const [name, { dtype }] = names[i]!;
    if (dtype !== "int64") return rename(value, name);
    const wide: Value = { ...value, name: unique(name), type: "int64" };
    const narrow = rename(value, `${name}_int32`);
    casts.push({ op: "Cast", domain: "", inputs: [wide], outputs: [narrow], attributes: { to: 6 } });
    return wide;
  });
  const outputs = dynamic.outputs.map((value, i) => rename(value, dynamic.outputNames[i]!));
  const weights = dynamic.weights.map(({ value, name, data }) => ({ value: rename(value, name), data }));
  const of = (value: Value): Value => renamed.get(value.name) ?? rename(value, `_${value.name}`);
  const constants = dynamic.graph.constants.map(({ value, data }) => ({ value: of(value), data }));
  const nodes = dynamic.graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(of),
    outputs: node.outputs.map(of),
  }));
  const dimensions = new Map<string, readonly (number | string)[]>();
  given.forEach((value, i) => {
    dimensions.set(inputs[i]!.name, dynamic.dimensions.get(value.name)!);
  });
  dynamic.outputs.forEach((value, i) => {
    dimensions.set(outputs[i]!.name, dynamic.dimensions.get(value.name)!);
  });
  const graph = { nodes: [...casts, ...nodes], inputs, constants: [...constants, ...weights] };
  return { graph, inputs, outputs, dimensions };
}

/** A graph on its way to a file. */
export interface ModelPart<T> {
  path: string;
  named: NamedGraph;
  name: string;
  metadata: ExportOnnxOptions["metadata"];
  /** Reads the file before it takes its place. */
  check: (file: string) => Promise<T>;
}

export interface WrittenModels<T> {
  /** The file of the weights, if they are beside the models. */
  dataFile?: string;
  models: { bytes: number; checked: T }[];
  /** Of the file of the weights; 0 without one. */
  dataBytes: number;
}

/**
 * Writes models of one folder, and their weights beside them if they are large: in one file, in which a weight that
 * several models have stands once. Readers of the paths see the former files or the whole new ones.
 *
 * @param data.name Of the file of the weights. `data.above`: weights of more bytes than this go there.
 * @throws SymgradError `E_FILE` if a path cannot be written; what `check` throws. Nothing is left behind then.
 */
export async function writeModelFiles<T>(
  parts: readonly ModelPart<T>[],
  data: { name: string; above: number },
): Promise<WrittenModels<T>> {
  const constants = parts.map(({ named }) => named.graph.constants);
  const size = constants.flat().reduce((total, constant) => total + constant.data.byteLength, 0);
  const inside = size <= Math.min(data.above, LARGEST_INSIDE);
  const layout = inside ? { places: [], stored: [], bytes: 0 } : layOut(constants, data.name);
  const folder = dirname(resolve(parts[0]!.path));
  let temporary: string | undefined;
  try {
    temporary = await fs.mkdtemp(join(folder, `.${basename(parts[0]!.path)}.`));
    const at = (name: string) => join(temporary!, basename(name));
    if (!inside) await writeData(at(data.name), layout.stored);
    const models: WrittenModels<T>["models"] = [];
    for (const [i, { path, named, name, metadata, check }] of parts.entries()) {
      const external = layout.places[i];
      const { dimensions } = named;
      const model = encodeModel(named.graph, named.outputs, { name, metadata, dimensions, external });
      await fs.writeFile(at(path), model, { flush: true });
      models.push({ bytes: model.length, checked: await check(at(path)) });
    }
    const dataFile = join(folder, data.name);
    if (!inside) await fs.rename(at(data.name), dataFile);
    for (const { path } of parts) await fs.rename(at(path), path);
    return { ...(!inside && { dataFile }), models, dataBytes: layout.bytes };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== "string" || cause instanceof SymgradError) throw cause;
    throw new SymgradError("E_FILE", `exportOnnx: cannot write ${parts[0]!.path} (${code}).`, {
      hint: code === "ENOSPC" ? "free some space" : "check that the folder exists and may be written",
      cause,
    });
  } finally {
    if (temporary) await fs.rm(temporary, { recursive: true, force: true });
  }
}

type Constants = readonly { value: Value; data: GraphData }[];

interface StoredConstant {
  place: ExternalData;
  bytes: Uint8Array;
}

/** Where each model's constants of more than a page go in the file of the weights; equal ones go there once. */
function layOut(
  models: readonly Constants[],
  location: string,
): { places: Map<string, ExternalData>[]; stored: StoredConstant[]; bytes: number } {
  const stored = new Map<string, StoredConstant>();
  let bytes = 0;
  const place = (name: string, data: GraphData): ExternalData => {
    const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    // A weight has the same name in each model that has it; another one of that name is stored under a longer key.
    let key = name;
    for (let same = stored.get(key); same !== undefined; same = stored.get(key)) {
      if (Buffer.compare(same.bytes, content) === 0) return same.place;
      key += "'";
    }
    const offset = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const found = { location, offset, length: content.length };
    stored.set(key, { place: found, bytes: content });
    bytes = offset + content.length;
    return found;
  };
  const places = models.map((constants) => {
    const large = constants.filter(({ data }) => data.byteLength > ALIGNMENT);
    return new Map(large.map(({ value, data }) => [value.name, place(value.name, data)]));
  });
  return { places, stored: [...stored.values()], bytes };
}

async function writeData(path: string, stored: readonly StoredConstant[]): Promise<void> {
  const file = await fs.open(path, "wx");
  try {
    for (const { place, bytes } of stored) {
      // In pieces: one write of more than 2 GiB fails on Linux.
      for (let at = 0; at < bytes.length; at += 2 ** 28) {
        await file.write(bytes.subarray(at, at + 2 ** 28), 0, undefined, place.offset + at);
      }
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
