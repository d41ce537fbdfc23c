import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative } from "node:path";
import { SymgradError, writeFileAtomic } from "@symgrad/core";
import { z } from "zod";
import { readJsonFile } from "../internal/readJsonFile";
import { WEIGHTS_FILE, WEIGHTS_INDEX } from "./readWeights";

export interface ResolveCheckpointOptions {
  /** Called while a file is fetched; `total` is undefined where the hub does not say. */
  onProgress?: ((file: string, bytes: number, total: number | undefined) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const OPTIONAL_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "vocab.txt",
  "reader.json",
];

/**
 * Whether a text is a hub id, "owner/name" with an optional "@revision", and no path: where there is a folder of the
 * owner's name, it is a misspelled path.
 */
export function isHubId(source: string): boolean {
  const match = /^([A-Za-z0-9][\w.-]*)\/[A-Za-z0-9][\w.-]*(?:@[\w./-]+)?$/.exec(source);
  return match !== null && !source.includes("..") && !existsSync(match[1]!);
}

/**
 * The folder of a checkpoint: a path as it is, or a hub id ("owner/name", "owner/name@revision"), whose files are fetched
 * once into the cache that Hugging Face's own libraries use (`HF_HOME`, or ~/.cache/huggingface). A download that was cut
 * goes on where it stopped, and every file is checked against the hub's checksum before it is taken. `HF_ENDPOINT` names
 * another hub; with `HF_HUB_OFFLINE=1` only the cache is used. No credentials are sent: gated models are downloaded by
 * other means and passed as a folder.
 *
 * @throws SymgradError `E_FILE` for a path that is no folder, or a model that the hub does not have; `E_NETWORK` if the hub
 *   cannot be reached (a later call resumes), or offline; `E_CHECKSUM` if a file is not what the hub says; `E_ABORT`.
 */
export async function resolveCheckpoint(
  source: string,
  options: ResolveCheckpointOptions = {},
): Promise<string> {
  const found = await stat(source).catch(() => undefined);
  if (found?.isDirectory()) return source;
  if (found || !isHubId(source)) {
    throw new SymgradError("E_FILE", `${source} is neither a folder nor a hub id ("owner/name").`, {
      hint: "pass the folder of a model as Hugging Face writes it",
    });
  }
  const [id, revision = "main"] = source.split("@") as [string, string?];
  const root = join(cacheRoot(), `models--${id.replace("/", "--")}`);
  const repository = { id, revision, root, options };
  return isOffline() ? findCached(repository) : fetchModel(repository);
}

interface Repository {
  id: string;
  revision: string;
  root: string;
  options: ResolveCheckpointOptions;
}

function cacheRoot(): string {
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  return HF_HUB_CACHE || join(HF_HOME || join(homedir(), ".cache", "huggingface"), "hub");
}

function isOffline(): boolean {
  return /^(?:1|true|yes|on)$/i.test(process.env.HF_HUB_OFFLINE ?? "");
}

async function findCached({ id, revision, root }: Repository): Promise<string> {
  const commit = await readFile(join(root, "refs", revision), "utf8").catch(() => revision);
  const folder = join(root, "snapshots", commit.trim());
  if ((await stat(join(folder, "config.json")).catch(() => undefined))?.isFile()) return folder;
  throw new SymgradError("E_NETWORK", `${id} is not in the cache, and HF_HUB_OFFLINE forbids to fetch it.`, {
    where: root,
    hint: "unset HF_HUB_OFFLINE once, or pass the model's folder",
  });
}

async function fetchModel(repository: Repository): Promise<string> {
  const config = await fetchFile(repository, "config.json");
  if (!config) throw notThere(repository, "config.json");
  const at = { ...repository, revision: config.commit };
  for (const file of OPTIONAL_FILES) await fetchFile(at, file);
  if (!(await fetchFile(at, WEIGHTS_FILE))) {
    const index = await fetchFile(at, WEIGHTS_INDEX);
    if (!index) throw notThere(repository, WEIGHTS_FILE);
    const schema = z.object({ weight_map: z.record(z.string(), z.string()) });
    const { weight_map: shardOf } = await readJsonFile(index.path, schema);
    for (const shard of new Set(Object.values(shardOf))) {
      if (!/^[\w-][\w.-]*$/.test(shard)) {
        throw new SymgradError("E_FORMAT", `a shard must be a file beside the index, got "${shard}".`, {
          where: index.path,
        });
      }
      if (!(await fetchFile(at, shard))) throw notThere(repository, shard);
    }
  }
  // Last, so that a name leads to a whole model.
  if (repository.revision !== config.commit) {
    const reference = join(repository.root, "refs", repository.revision);
    await mkdir(dirname(reference), { recursive: true });
    await writeFileAtomic(reference, config.commit);
  }
  return dirname(config.path);
}

function notThere({ id, revision }: Repository, file: string): SymgradError {
  return new SymgradError("E_FILE", `the hub has no ${file} of ${id} at ${revision}.`, {
    where: endpoint(),
    hint: "check the id for a misspelling; a gated model is downloaded by other means and passed as a folder",
  });
}

function endpoint(): string {
  return (process.env.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
}

interface FetchedFile {
  path: string;
  commit: string;
}

/** Brings one file into the cache; undefined if the repository has no such file. */
async function fetchFile(repository: Repository, file: string): Promise<FetchedFile | undefined> {
  const { id, revision, root } = repository;
  const url = `${endpoint()}/${id}/resolve/${encodeURIComponent(revision)}/${file}`;
  // The hub tells a large file's name and checksum before it redirects to where the bytes are.
  const head = await request(repository, url, { method: "HEAD", redirect: "manual" });
  if (head.status === 404 || head.status === 401 || head.status === 403) return undefined;
  if (head.status >= 400) throw unexpected(repository, url, head.status);
  const header = (name: string) => head.headers.get(name) ?? undefined;
  const commit = header("x-repo-commit") ?? revision;
  const tag = (header("x-linked-etag") ?? header("etag") ?? "").replace(/^W\//, "").replaceAll('"', "");
  if (!/^[\w-]+$/.test(tag) || !/^[\w.-]+$/.test(commit)) {
    throw new SymgradError("E_NETWORK", `the hub names no version of ${file} (no usable ETag or commit).`, {
      where: url,
    });
  }
  const size = Number(
    header("x-linked-size") ?? (head.status < 300 ? header("content-length") : undefined) ?? Number.NaN,
  );

  const blob = join(root, "blobs", tag);
  if (!(await stat(blob).catch(() => undefined))) {
    await mkdir(dirname(blob), { recursive: true });
    await download(repository, { url, file, blob, tag, size: Number.isNaN(size) ? undefined : size });
  }
  const path = join(root, "snapshots", commit, file);
  if (!(await stat(path).catch(() => undefined))) {
    await mkdir(dirname(path), { recursive: true });
    await rm(path, { force: true });
    await symlink(relative(dirname(path), blob), path);
  }
  return { path, commit };
}

interface Download {
  url: string;
  file: string;
  blob: string;
  tag: string;
  size: number | undefined;
}

/** Writes to `.incomplete`, from where that ends, and renames it when it is whole and right. */
async function download(repository: Repository, { url, file, blob, tag, size }: Download): Promise<void> {
  const { onProgress, signal } = repository.options;
  const partial = `${blob}.incomplete`;
  let done = (await stat(partial).catch(() => undefined))?.size ?? 0;
  if (size !== undefined && done > size) done = 0;
  if (size === undefined || done < size) {
    const resume = done > 0 ? { headers: { range: `bytes=${done}-` } } : {};
    const response = await request(repository, url, resume);
    if (response.status >= 400 || !response.body) throw unexpected(repository, url, response.status);
    if (response.status !== 206) done = 0;
    const out = await open(partial, done > 0 ? "a" : "w");
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        await out.writeFile(chunk);
        done += chunk.length;
        onProgress?.(file, done, size);
      }
      await out.sync();
    } catch (cause) {
      throw unreachable(repository, url, cause);
    } finally {
      await out.close();
    }
  }
  signal?.throwIfAborted();
  if (size !== undefined && done < size) {
    throw new SymgradError("E_NETWORK", `the connection ended after ${done} of ${size} bytes of ${file}.`, {
      where: url,
      hint: "call again: the download goes on where it stopped",
    });
  }
  const sum = await checksum(partial, tag, done);
  if (sum !== undefined && sum !== tag) {
    await rm(partial, { force: true });
    throw new SymgradError(
      "E_CHECKSUM",
      `${file} is not what the hub says: checksum ${sum}, wanted ${tag}.`,
      {
        where: url,
        hint: "it was removed: call again to fetch it anew",
      },
    );
  }
  await rename(partial, blob);
}

/** A large file's tag is its SHA-256, a small one's its git blob id; another tag says nothing about the contents. */
async function checksum(path: string, tag: string, size: number): Promise<string | undefined> {
  const length = /^[0-9a-f]+$/.test(tag) ? tag.length : 0;
  if (length !== 64 && length !== 40) return undefined;
  const hash = createHash(length === 64 ? "sha256" : "sha1");
  if (length === 40) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function request(repository: Repository, url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: repository.options.signal ?? null });
  } catch (cause) {
    throw unreachable(repository, url, cause);
  }
}

function unreachable({ id, options }: Repository, url: string, cause: unknown): SymgradError {
  if (options.signal?.aborted) {
    return new SymgradError("E_ABORT", `fetching ${id} was stopped; the next call goes on there.`, { cause });
  }
  return new SymgradError("E_NETWORK", `cannot fetch ${id}: ${(cause as Error).message}.`, {
    where: url,
    hint: "call again to go on where it stopped; if a folder was meant, there is none of this name",
    cause,
  });
}

function unexpected({ id }: Repository, url: string, status: number): SymgradError {
  return new SymgradError("E_NETWORK", `cannot fetch ${id}: the hub answered with status ${status}.`, {
    where: url,
  });
}
