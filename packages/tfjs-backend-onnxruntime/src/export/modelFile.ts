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

/**
 * Writes the model, and its weights beside it if they are large; `check` reads it before it takes its place. Readers
 * of the path see the former file or the whole new one.
 *
 * @throws SymgradError `E_FILE` if the path cannot be written; what `check` throws. Nothing is left behind then.
 */
export async function writeModelFile<T>(
  path: string,
  named: NamedGraph,
  options: ExportOnnxOptions & { name: string },
  check: (file: string) => Promise<T>,
): Promise<{ dataFile?: string; bytes: number; checked: T }> {
  const { constants } = named.graph;
  const size = constants.reduce((total, { data }) => total + data.byteLength, 0);
  const inside = size <= Math.min(options.externalDataAbove ?? LARGEST_INSIDE, LARGEST_INSIDE);
  const dataName = `${basename(path)}.data`;
  const layout = inside ? new Map<string, ExternalData>() : layOut(constants, dataName);
  const model = encodeModel(named.graph, named.outputs, {
    name: options.name,
    metadata: options.metadata,
    dimensions: named.dimensions,
    external: layout,
  });
  const folder = dirname(resolve(path));
  let temporary: string | undefined;
  try {
    temporary = await fs.mkdtemp(join(folder, `.${basename(path)}.`));
    const parts = [join(temporary, basename(path)), join(temporary, dataName)] as const;
    const written = inside ? 0 : await writeData(parts[1], constants, layout);
    await fs.writeFile(parts[0], model, { flush: true });
    const checked = await check(parts[0]);
    const dataFile = join(folder, dataName);
    if (!inside) await fs.rename(parts[1], dataFile);
    await fs.rename(parts[0], path);
    return { ...(!inside && { dataFile }), bytes: model.length + written, checked };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== "string" || cause instanceof SymgradError) throw cause;
    throw new SymgradError("E_FILE", `exportOnnx: cannot write ${path} (${code}).`, {
      hint: code === "ENOSPC" ? "free some space" : "check that the folder exists and may be written",
      cause,
    });
  } finally {
    if (temporary) await fs.rm(temporary, { recursive: true, force: true });
  }
}

type Constants = readonly { value: Value; data: GraphData }[];

/** Where each constant of more than a page goes in the second file. */
function layOut(constants: Constants, location: string): Map<string, ExternalData> {
  const layout = new Map<string, ExternalData>();
  let offset = 0;
  for (const { value, data } of constants) {
    if (data.byteLength <= ALIGNMENT) continue;
    layout.set(value.name, { location, offset, length: data.byteLength });
    offset = Math.ceil((offset + data.byteLength) / ALIGNMENT) * ALIGNMENT;
  }
  return layout;
}

async function writeData(
  path: string,
  constants: Constants,
  layout: ReadonlyMap<string, ExternalData>,
): Promise<number> {
  const file = await fs.open(path, "wx");
  try {
    let end = 0;
    for (const { value, data } of constants) {
      const place = layout.get(value.name);
      if (!place) continue;
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      // In pieces: one write of more than 2 GiB fails on Linux.
      for (let at = 0; at < bytes.length; at += 2 ** 28) {
        await file.write(bytes.subarray(at, at + 2 ** 28), 0, undefined, place.offset + at);
      }
      end = place.offset + place.length;
    }
    await file.sync();
    return end;
  } finally {
    await file.close();
  }
}
