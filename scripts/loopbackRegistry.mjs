// The smallest npm registry that `npm publish` and `npm install` accept, in memory, on loopback. It knows only what
// was published to it: point a scope at it (`@symgrad:registry=URL`) and everything else comes from where it always
// comes from.
import { createServer } from "node:http";

/** @returns `{ url, published, close }`; `published` lists `name@version` in the order of publication. */
export async function startRegistry() {
  const documents = new Map();
  const tarballs = new Map();
  const published = [];

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://loopback").pathname).slice(1);
    if (request.method === "PUT") return answer(response, ...accept(path, JSON.parse(await bodyOf(request))));
    if (tarballs.has(path)) return response.end(tarballs.get(path));
    if (documents.has(path)) return answer(response, 200, documents.get(path));
    return answer(response, 404, { error: `${path} was not published here` });
  });

  /** A publication is the package's document with the tarball attached as base64. */
  function accept(name, { versions, "dist-tags": tags, _attachments: attachments }) {
    const known = documents.get(name) ?? { name, versions: {}, "dist-tags": {}, time: {} };
    for (const [version, manifest] of Object.entries(versions)) {
      if (known.versions[version]) return [403, { error: `${name}@${version} is already published` }];
      const file = `${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
      const [attachment] = Object.values(attachments);
      tarballs.set(file, Buffer.from(attachment.data, "base64"));
      known.versions[version] = { ...manifest, dist: { ...manifest.dist, tarball: `${url}${file}` } };
      known.time[version] = new Date().toISOString();
      published.push(`${name}@${version}`);
    }
    Object.assign(known["dist-tags"], tags);
    documents.set(name, known);
    return [201, { ok: true }];
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return { url, published, close: () => new Promise((resolve) => server.close(resolve)) };
}

function answer(response, status, document) {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(document));
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}
