import fs from "node:fs/promises";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs";
import { encodeSafetensors } from "../checkpoint/encodeSafetensors";
import { fileError, systemCode } from "../checkpoint/fileError";
import { syncFolder, TEMPORARY_NAME, writeFileAtomic, writeSynced } from "../checkpoint/writeFileAtomic";
import { SymgradError } from "../errors";
import { strictJson } from "./strictJson";

/** One line of `metrics.jsonl`. `step` counts the finished steps, from 1. */
export interface MetricsRecord {
  step: number;
  [name: string]: unknown;
}

/** A complete checkpoint on the disk. */
export interface Checkpoint {
  /** Finished steps. */
  step: number;
  /** The folder that holds its files. */
  path: string;
  /** What {@link RunDirectory.saveCheckpoint} was given, through JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the caller's own
  state: any;
}

/** What a checkpoint holds. */
export interface CheckpointContents {
  /** By file name: bytes as they are, or tensors to be written as safetensors. */
  files: Record<string, Uint8Array | ReadonlyMap<string, tf.Tensor>>;
  /** Small values, as JSON: counters, keys, the place in the data. */
  state: unknown;
}

const CONFIG = "config.json";
const METRICS = "metrics.jsonl";
const CHECKPOINTS = "checkpoints";
const MANIFEST = "checkpoint.json";
const FOLDER = /^step-(\d{6,})$/;
const KEPT = 2;

interface Manifest {
  step: number;
  /** Size of each file in bytes: a folder copied in part is not taken for a checkpoint. */
  files: Record<string, number>;
  state: unknown;
}

/**
 * The folder of one training run: `config.json`, `metrics.jsonl` and `checkpoints/step-000100/`. Whatever moment the
 * process dies at, the folder opens again, and training goes on from the newest complete checkpoint.
 *
 * Opening changes nothing, so that a run can be looked at while it trains. The first write (or {@link prepareToWrite})
 * removes what a killed process left half-done and cuts `metrics.jsonl` back to the newest checkpoint.
 */
export class RunDirectory {
  private writing: Promise<MetricsRecord | undefined> | undefined;
  private metrics: fs.FileHandle | undefined;
  private queue: Promise<void> = Promise.resolve();

  private constructor(
    readonly path: string,
    /** The resolved configuration, as given to {@link create}. */
    readonly config: Record<string, unknown>,
  ) {}

  /**
   * Makes the folder (and its parents) and writes `config.json`.
   *
   * @throws SymgradError `E_EXISTS` if there is something at `path` other than an empty folder; `E_FILE`, `E_DISK`.
   */
  static async create(path: string, config: object): Promise<RunDirectory> {
    const text = strictJson(config, "config", 2);
    try {
      await fs.mkdir(path, { recursive: true });
      const inside = (await fs.readdir(path)).filter((name) => !TEMPORARY_NAME.test(name));
      if (inside.length > 0)
        throw taken(path, `a folder that is not empty (it holds ${inside.slice(0, 3).join(", ")})`);
    } catch (error) {
      if (systemCode(error) === "EEXIST") throw taken(path, "a file");
      throw fileError(error, "create the run directory", path);
    }
    await writeFileAtomic(join(path, CONFIG), `${text}\n`);
    return new RunDirectory(path, JSON.parse(text) as Record<string, unknown>);
  }

  /**
   * Opens a run for reading or for going on with it. Nothing on the disk changes yet.
   *
   * @throws SymgradError `E_FILE` if there is no such folder, `E_FORMAT` if it is not a run directory.
   */
  static async open(path: string): Promise<RunDirectory> {
    const file = join(path, CONFIG);
    let text: string;
    try {
      text = await fs.readFile(file, "utf8");
    } catch (error) {
      const folder = await fs.stat(path).catch((problem: unknown) => {
        throw fileError(problem, "open the run directory", path);
      });
      if (systemCode(error) !== "ENOENT" && folder.isDirectory()) throw fileError(error, "read", file);
      throw new SymgradError("E_FORMAT", `${path} is not a run directory: it holds no ${CONFIG}.`, {
        hint: "give the folder that training wrote to; if that run was killed before it began, start it anew",
      });
    }
    const config = parseObject(text);
    if (config === undefined) {
      throw new SymgradError("E_FORMAT", `${file} is not a JSON object.`, {
        hint: "restore the file, or start a new run",
      });
    }
    return new RunDirectory(path, config);
  }

  /**
   * Makes the folder ready for going on: removes half-written checkpoints and temporary files, and cuts
   * `metrics.jsonl` back to the newest checkpoint (to nothing if there is none). Done once, and by itself before the
   * first write; only one process may write to a run.
   *
   * @returns The last record that stayed in `metrics.jsonl`.
   * @throws SymgradError `E_FORMAT`, with the line, if `metrics.jsonl` is broken before its last line.
   */
  prepareToWrite(): Promise<MetricsRecord | undefined> {
    this.writing ??= this.repair().catch((error) => {
      this.writing = undefined;
      throw fileError(error, "prepare", this.path);
    });
    return this.writing;
  }

  /**
   * Appends one line to `metrics.jsonl`. Calls may overlap; lines keep the order of the calls.
   *
   * @throws SymgradError `E_RANGE` if `step` is not a count or a number is not finite; `E_DISK`, `E_FILE`.
   */
  async appendMetrics(record: MetricsRecord): Promise<void> {
    if (!isCount(record.step)) {
      throw new SymgradError(
        "E_RANGE",
        `appendMetrics: \`step\` must be a whole number from 0, got ${record.step}.`,
      );
    }
    const line = `${strictJson(record, "appendMetrics")}\n`;
    await this.prepareToWrite();
    const written = this.queue.then(async () => {
      const file = join(this.path, METRICS);
      try {
        this.metrics ??= await fs.open(file, "a");
        const { size } = await this.metrics.stat();
        try {
          await this.metrics.writeFile(line);
        } catch (error) {
          await this.metrics.truncate(size).catch(() => {}); // no half a line, should the caller go on
          throw error;
        }
      } catch (error) {
        throw fileError(error, "write", file);
      }
    });
    this.queue = written.catch(() => {});
    await written;
  }

  /**
   * Writes `checkpoints/step-000100/` whole or not at all, then removes all but the newest two. Metrics appended
   * before are on the disk before the checkpoint is.
   *
   * @param step Finished steps. A checkpoint of the same step is replaced.
   * @throws SymgradError `E_NAME` for a file name with a path in it or one used by the format; `E_RANGE` for a step
   *   that is not a count or a state with numbers that are not finite; `E_DISK`, `E_FILE`: older checkpoints remain.
   */
  async saveCheckpoint(step: number, { files, state }: CheckpointContents): Promise<void> {
    if (!isCount(step)) {
      throw new SymgradError(
        "E_RANGE",
        `saveCheckpoint: \`step\` must be a whole number from 0, got ${step}.`,
      );
    }
    for (const name of Object.keys(files)) checkFileName(name);
    strictJson(state, `saveCheckpoint: state of step ${step}`);
    await this.prepareToWrite();
    await this.queue;
    const parent = join(this.path, CHECKPOINTS);
    const name = `step-${String(step).padStart(6, "0")}`;
    const target = join(parent, name);
    const building = join(parent, `.${name}.building`);
    try {
      await this.metrics?.sync();
      await fs.rm(building, { recursive: true, force: true });
      await fs.mkdir(building, { recursive: true });
      const manifest: Manifest = { step, files: {}, state };
      for (const [file, contents] of Object.entries(files)) {
        const path = join(building, file);
        await writeSynced(
          path,
          contents instanceof Uint8Array ? contents : encodeSafetensors(contents),
          "wx",
        );
        manifest.files[file] = (await fs.stat(path)).size;
      }
      await writeSynced(join(building, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, "wx");
      await syncFolder(building);
      if (!(await isMissing(target))) await removeFolder(parent, name);
      await fs.rename(building, target);
      await syncFolder(parent);
      await this.removeOldCheckpoints();
    } catch (error) {
      await fs.rm(building, { recursive: true, force: true }).catch(() => {});
      throw fileError(error, "write the checkpoint", target);
    }
  }

  /**
   * The newest complete checkpoint; half-written folders are passed over.
   *
   * @returns `undefined` if there is none: the run starts at step 0.
   */
  async latestCheckpoint(): Promise<Checkpoint | undefined> {
    for (const { name, step } of await this.checkpointFolders()) {
      const path = join(this.path, CHECKPOINTS, name);
      const manifest = await readManifest(path, step);
      if (manifest) return { step, path, state: manifest.state };
    }
    return undefined;
  }

  /** All complete records of `metrics.jsonl`, oldest first. A last line that is being written is left out. */
  async readMetrics(): Promise<MetricsRecord[]> {
    return (await this.metricsLines()).map(({ record }) => record);
  }

  /** Waits for what was appended and closes `metrics.jsonl`. Appending again opens it again. */
  async close(): Promise<void> {
    await this.queue;
    const file = this.metrics;
    this.metrics = undefined;
    await file?.close();
  }

  private async repair(): Promise<MetricsRecord | undefined> {
    const parent = join(this.path, CHECKPOINTS);
    await fs.mkdir(parent, { recursive: true });
    for (const name of await fs.readdir(parent)) {
      if (name.startsWith(".")) await fs.rm(join(parent, name), { recursive: true, force: true });
    }
    for (const { name, step } of await this.checkpointFolders()) {
      if (!(await readManifest(join(parent, name), step))) await removeFolder(parent, name);
    }
    await this.removeOldCheckpoints();
    for (const name of await fs.readdir(this.path)) {
      if (TEMPORARY_NAME.test(name)) await fs.rm(join(this.path, name), { force: true });
    }
    const last = (await this.latestCheckpoint())?.step ?? -1;
    const kept = (await this.metricsLines()).filter(({ record }) => record.step <= last);
    const file = join(this.path, METRICS);
    const text = kept.map(({ line }) => `${line}\n`).join("");
    if ((await fs.readFile(file, "utf8").catch(() => "")) !== text) await writeFileAtomic(file, text);
    return kept.at(-1)?.record;
  }

  private async removeOldCheckpoints(): Promise<void> {
    const old = (await this.checkpointFolders()).slice(KEPT);
    for (const { name } of old) await removeFolder(join(this.path, CHECKPOINTS), name);
  }

  /** Names of checkpoint folders, complete or not, newest first. */
  private async checkpointFolders(): Promise<{ name: string; step: number }[]> {
    const names = await fs.readdir(join(this.path, CHECKPOINTS)).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return [];
      throw fileError(error, "read", join(this.path, CHECKPOINTS));
    });
    return names
      .filter((name) => FOLDER.test(name))
      .map((name) => ({ name, step: Number(FOLDER.exec(name)![1]) }))
      .sort((a, b) => b.step - a.step);
  }

  private async metricsLines(): Promise<{ line: string; record: MetricsRecord }[]> {
    const file = join(this.path, METRICS);
    const text = await fs.readFile(file, "utf8").catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return "";
      throw fileError(error, "read", file);
    });
    const lines = text.split("\n");
    lines.pop(); // what follows the last line end: nothing, or a line cut by a kill
    return lines.map((line, i) => {
      const record = parseObject(line);
      if (record === undefined || !isCount(record.step)) {
        throw new SymgradError("E_FORMAT", `line ${i + 1} of ${file} is not a record with a \`step\`.`, {
          hint: "remove the line, or restore the file from a copy",
        });
      }
      return { line, record: record as MetricsRecord };
    });
  }
}

async function readManifest(path: string, step: number): Promise<Manifest | undefined> {
  const text = await fs.readFile(join(path, MANIFEST), "utf8").catch(() => "");
  const manifest = parseObject(text) as Manifest | undefined;
  if (manifest?.step !== step || typeof manifest.files !== "object" || manifest.files === null)
    return undefined;
  for (const [file, size] of Object.entries(manifest.files)) {
    const status = await fs.stat(join(path, file)).catch(() => undefined);
    if (status?.size !== size) return undefined;
  }
  return manifest;
}

/** Renames before removing, so that a kill in between leaves no folder that looks like a checkpoint. */
async function removeFolder(parent: string, name: string): Promise<void> {
  const removed = join(parent, `.${name}.removed`);
  await fs.rm(removed, { recursive: true, force: true });
  await fs.rename(join(parent, name), removed);
  await fs.rm(removed, { recursive: true, force: true });
}

async function isMissing(path: string): Promise<boolean> {
  return fs.stat(path).then(
    () => false,
    () => true,
  );
}

function checkFileName(name: string): void {
  if (name === "" || name === MANIFEST || name.startsWith(".") || /[/\\\0]/.test(name)) {
    throw new SymgradError("E_NAME", `saveCheckpoint: "${name}" cannot name a file of a checkpoint.`, {
      hint: `use a plain file name such as "model.safetensors"; ${MANIFEST} is kept for the state`,
    });
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function taken(path: string, what: string): SymgradError {
  return new SymgradError("E_EXISTS", `the run directory ${path} exists already: ${what}.`, {
    hint: "choose another path, resume the run that is there, or remove it",
  });
}
