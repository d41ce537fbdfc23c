import { createHash } from "node:crypto";
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isHubId, resolveCheckpoint } from "./hub";

const COMMIT = "c0ffee".padEnd(40, "0");
const weights = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7) % 251));
const sha256 = createHash("sha256").update(weights).digest("hex");
const gitBlob = (content: Buffer) =>
  createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");

/** A hub that holds one model; `files` may be changed by a test. */
let files: Record<string, Buffer>;
let asked: string[];
/** Called instead of the usual answer to a GET of the weights. */
let sendWeights: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.url} ${request.headers.range ?? ""}`.trim());
  if (request.url === "/storage/weights") {
    if (sendWeights) {
      sendWeights(request, response);
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200);
    response.end(weights.subarray(from));
    return;
  }
  const match = /^\/owner\/model\/resolve\/([^/]+)\/(.+)$/.exec(request.url!);
  const content = match && files[match[2]!];
  if (!content) {
    response.writeHead(404).end();
    return;
  }
  const named = { "x-repo-commit": COMMIT };
  if (match[2] === "model.safetensors") {
    const linked = { "x-linked-etag": `"${sha256}"`, "x-linked-size": String(weights.length) };
    response.writeHead(302, { ...named, ...linked, location: "/storage/weights" }).end();
    return;
  }
  response.writeHead(200, { ...named, etag: `"${gitBlob(content)}"`, "content-length": content.length });
  response.end(request.method === "HEAD" ? undefined : content);
}

let server: Server;
let home: string;
beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "symgrad-hub-"));
  vi.stubEnv("HF_HOME", home);
  vi.stubEnv("HF_HUB_CACHE", "");
  vi.stubEnv("HF_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  vi.stubEnv("HF_HUB_OFFLINE", "");
  files = {
    "config.json": Buffer.from('{"model_type":"bert"}'),
    "vocab.txt": Buffer.from("[PAD]\n"),
    "model.safetensors": weights,
  };
  asked = [];
  sendWeights = undefined;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const blobs = () => join(home, "hub", "models--owner--model", "blobs");

test("a model is fetched once, into the layout of Hugging Face's own cache", async () => {
  const progress: string[] = [];
  const folder = await resolveCheckpoint("owner/model", {
    onProgress: (file, done) => progress.push(`${file} ${done}`),
  });
  expect(folder).toBe(join(home, "hub", "models--owner--model", "snapshots", COMMIT));
  expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors", "vocab.txt"]);
  expect(await readFile(join(folder, "model.safetensors"))).toEqual(weights);
  expect((await lstat(join(folder, "model.safetensors"))).isSymbolicLink()).toBe(true);
  expect((await readdir(blobs())).sort()).toEqual(
    [sha256, gitBlob(files["config.json"]!), gitBlob(files["vocab.txt"]!)].sort(),
  );
  expect(await readFile(join(folder, "../../refs/main"), "utf8")).toBe(COMMIT);
  expect(progress.at(-1)).toBe(`model.safetensors ${weights.length}`);

  asked = [];
  expect(await resolveCheckpoint("owner/model")).toBe(folder);
  expect(asked.filter((line) => line.startsWith("GET"))).toEqual([]);

  asked = [];
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  expect(await resolveCheckpoint("owner/model")).toBe(folder);
  expect(asked).toEqual([]);
});

test("a download that was cut goes on where it stopped", async () => {
  sendWeights = (_, response) => {
    response.writeHead(200, { "content-length": weights.length });
    response.write(weights.subarray(0, 20_000), () => setTimeout(() => response.destroy(), 50));
  };
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(/E_NETWORK[\s\S]*go on where it stopped/);
  expect((await lstat(join(blobs(), `${sha256}.incomplete`))).size).toBe(20_000);

  sendWeights = undefined;
  asked = [];
  const folder = await resolveCheckpoint("owner/model");
  expect(asked).toContain("GET /storage/weights bytes=20000-");
  expect(await readFile(join(folder, "model.safetensors"))).toEqual(weights);
});

test("a hub that ignores ranges sends all of it again", async () => {
  sendWeights = (_, response) => response.writeHead(200).end(weights);
  await resolveCheckpoint("owner/model");
  await rm(join(blobs(), sha256));
  await writeFile(join(blobs(), `${sha256}.incomplete`), weights.subarray(0, 5));
  const folder = await resolveCheckpoint("owner/model");
  expect(await readFile(join(folder, "model.safetensors"))).toEqual(weights);
});

test("bytes that are not what the hub says are not taken", async () => {
  const wrong = Buffer.from(weights);
  wrong[77]! ^= 1;
  sendWeights = (_, response) => response.writeHead(200).end(wrong);
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(
    /E_CHECKSUM.*model\.safetensors is not what the hub says/,
  );
  expect((await readdir(blobs())).filter((name) => name.startsWith(sha256))).toEqual([]);
});

test("shards are fetched by their index; one outside the folder is refused", async () => {
  delete files["model.safetensors"];
  files["model.safetensors.index.json"] = Buffer.from('{"weight_map":{"a":"model-1-of-1.safetensors"}}');
  files["model-1-of-1.safetensors"] = Buffer.from("shard");
  const folder = await resolveCheckpoint("owner/model@v1");
  expect(await readFile(join(folder, "model-1-of-1.safetensors"), "utf8")).toBe("shard");
  expect(await readFile(join(folder, "../../refs/v1"), "utf8")).toBe(COMMIT);
  vi.stubEnv("HF_HOME", join(home, "another")); // what a commit holds never changes
  files["model.safetensors.index.json"] = Buffer.from('{"weight_map":{"a":"../../evil"}}');
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(
    /E_FORMAT a shard must be a file beside the index/,
  );
});

test("what is not there, offline, aborted, or no id at all", async () => {
  await expect(resolveCheckpoint("owner/other")).rejects.toThrow(
    /E_FILE the hub has no config\.json of owner\/other/,
  );
  delete files["model.safetensors"];
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(/E_FILE the hub has no model\.safetensors/);
  // Without weights the name leads nowhere, so that offline it is not taken for whole.
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(/E_NETWORK.*HF_HUB_OFFLINE/);
  vi.stubEnv("HF_HUB_OFFLINE", "0");
  await expect(resolveCheckpoint("owner/model", { signal: AbortSignal.abort() })).rejects.toThrow(/E_ABORT/);
  vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
  await expect(resolveCheckpoint("owner/model")).rejects.toThrow(/E_NETWORK cannot fetch owner\/model/);
  await expect(resolveCheckpoint("./no/such/folder")).rejects.toThrow(
    /E_FILE.*neither a folder nor a hub id/,
  );
  expect(await resolveCheckpoint(home)).toBe(home);
  expect(["a/b", "a/b-c_d.e", "a/b@v1.0"].every(isHubId)).toBe(true);
  expect(["a", "a/b/c", "../a", "a/..", "/a/b", "a b", "", "src/typo"].some(isHubId)).toBe(false);
});
