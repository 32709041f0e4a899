/** The API in memory, for tests: what `components/api/openapi.yaml` says, as little of it as the page's tests need. */

import type { Schemas, Upload } from "../src/api/client.ts";
import type { State } from "../src/routing.ts";

type File_ = Schemas["File"];

export const FOLDER = "demo";
export const PART_BYTES = 8;

interface Open {
  upload: Upload;
  key: string | null;
  parts: Map<number, { bytes: Uint8Array<ArrayBuffer>; sha256: string }>;
}

interface Asked {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

export function idOf(name: string): string {
  return Buffer.from(name).toString("base64url");
}

export class FakeApi {
  uploads = new Map<string, Open>();
  files = new Map<string, File_>();
  ledgers = new Map<string, Schemas["FileWithLedger"]["ledger"]>();
  asked: Asked[] = [];
  /** Answered instead of what was asked, once each. */
  failures: ((asked: Asked) => Response | Error | undefined)[] = [];
  key = "secret-key";
  me: Schemas["Me"] = { name: "Demo", folder: FOLDER, operator: false, may_delete: false, max_file_bytes: 5e9 };
  previews = new Map<string, Schemas["Preview"]>();
  links = new Map<string, Schemas["Links"]["links"]>();
  results = new Map<string, object>();
  partBytes = PART_BYTES;
  #changes = 0;

  /** As `fetch`. */
  fetch = async (input: RequestInfo | URL): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(input);
    const { pathname, searchParams } = new URL(request.url);
    const text = await request.text();
    const path = pathname.replace(/^\/api/, "");
    const asked = { method: request.method, path, headers: request.headers, body: text ? JSON.parse(text) : null };
    request.signal.throwIfAborted();
    this.asked.push(asked);
    for (const [index, failure] of this.failures.entries()) {
      const answer = failure(asked);
      if (answer) {
        this.failures.splice(index, 1);
        if (answer instanceof Error) throw answer;
        return answer;
      }
    }
    if (request.headers.get("Authorization") !== `Bearer ${this.key}`) return problem(401, "Unauthorized");
    return this.#route(asked, searchParams);
  };

  /** Where parts are sent to. */
  async store(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const [, id = "", number = "", sha256 = ""] = new URL(url).pathname.split("/");
    const open = this.uploads.get(id);
    if (open?.upload.state !== "open") return 404;
    const found = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
    if (found !== sha256) return 400;
    open.parts.set(Number(number), { bytes, sha256 });
    return 200;
  }

  change(file: Partial<File_> & { name: string }): File_ {
    const now = new Date().toISOString();
    const id = idOf(file.name);
    const before = this.files.get(id);
    const fresh = { id, version: "v1", state: "received" as State, attempt: 1, received_at: now, updated_at: now };
    const made = { ...fresh, ...before, updated_at: now, ...file };
    this.files.set(id, made);
    this.#changes += 1;
    return made;
  }

  #route({ method, path, headers, body }: Asked, query: URLSearchParams): Response {
    const [, kind, id = "", what = ""] = path.split("/");
    const route = `${method} /${kind}${id ? "/{}" : ""}${what ? `/${what}` : ""}`;
    const open = this.uploads.get(id);
    const file = this.files.get(id);
    if (kind === "uploads" && id && !open) return problem(404, "Not Found");
    if (kind === "files" && id && !file) return problem(404, "Not Found");
    switch (route) {
      case "GET /me":
        return json(this.me);
      case "GET /uploads":
        return json({ uploads: [...this.uploads.values()].map((each) => each.upload) });
      case "POST /uploads":
        return this.#create(body as Schemas["NewUpload"], headers.get("Idempotency-Key"));
      case "GET /uploads/{}":
        return json(open?.upload);
      case "DELETE /uploads/{}":
        if (open) open.upload = { ...open.upload, state: "aborted" };
        return new Response(null, { status: 204 });
      case "GET /uploads/{}/parts":
        return json({
          parts: [...(open?.parts ?? [])].map(([number, part]) => ({
            number,
            size: part.bytes.length,
            sha256: part.sha256,
          })),
        });
      case "POST /uploads/{}/parts":
        return json({
          parts: (body as Schemas["PartsToSign"]).parts.map((part) => ({
            number: part.number,
            url: `https://store.test/${id}/${part.number}/${part.sha256}`,
            headers: { "x-amz-checksum-sha256": part.sha256 },
            expires_at: new Date(Date.now() + 300_000).toISOString(),
          })),
        });
      case "POST /uploads/{}/complete":
        return this.#complete(open as Open);
      case "GET /files":
        return this.#list(query, headers);
      case "DELETE /files/{}":
        if (headers.get("If-Match") !== `"${this.#changes}"`) return problem(412, "The file has changed.");
        this.files.delete(id);
        this.#changes++;
        return new Response(null, { status: 202 });
      case "GET /files/{}":
        return json({ file, ledger: this.ledgers.get(id) ?? [] }, { ETag: `"${this.#changes}"` });
      case "GET /files/{}/links":
        return json({ links: this.links.get(id) ?? [] });
      case "GET /files/{}/preview":
        return json(this.previews.get(id) ?? { columns: [], rows: [], rejects: [] });
      case "GET /files/{}/result":
        return json(this.results.get(id) ?? {});
      case "POST /files/{}/redrive": {
        const again = this.change({
          name: (file as File_).name,
          state: "received",
          attempt: (file as File_).attempt + 1,
        });
        return json({ file: id, version: again.version, attempt: again.attempt }, {}, 202);
      }
      default:
        return problem(404, `no route ${route}`);
    }
  }

  #create({ name, size, type }: Schemas["NewUpload"], key: string | null): Response {
    const found = [...this.uploads.values()].find((each) => key !== null && each.key === key);
    if (found) return json(found.upload, {}, 201);
    const id = `upload-${String(this.uploads.size).padStart(12, "0")}`;
    const now = Date.now();
    const upload: Upload = {
      id,
      name: `${this.me.folder}/${name}`,
      file: idOf(`${this.me.folder}/${name}`),
      size,
      ...(type ? { type } : {}),
      part_bytes: this.partBytes,
      parts: Math.max(1, Math.ceil(size / this.partBytes)),
      state: "open",
      created_at: new Date(now).toISOString(),
      expires_at: new Date(now + 86_400_000).toISOString(),
    };
    this.uploads.set(id, { upload, key, parts: new Map() });
    return json(upload, {}, 201);
  }

  #complete(open: Open): Response {
    const { upload, parts } = open;
    if (parts.size < upload.parts) return problem(409, "Parts are missing.");
    open.upload = { ...upload, state: "complete", version: "v1" };
    this.change({ name: upload.name, size: upload.size });
    return json({ file: upload.file, name: upload.name, version: "v1" });
  }

  #list(query: URLSearchParams, headers: Headers): Response {
    const since = Date.parse(query.get("since") ?? "1970-01-01T00:00:00Z");
    const files = [...this.files.values()]
      .filter((file) => Date.parse(file.received_at) >= since)
      .filter((file) => !query.get("state") || file.state === query.get("state"))
      .filter((file) => file.name.startsWith(query.get("prefix") ?? ""))
      .sort((a, b) => b.received_at.localeCompare(a.received_at));
    const at = Number(query.get("cursor") ?? 0);
    const limit = Number(query.get("limit") ?? 50);
    const next = at + limit < files.length ? { next: String(at + limit) } : {};
    const etag = `"${this.#changes}-${query}"`;
    if (headers.get("If-None-Match") === etag) return new Response(null, { status: 304, headers: { ETag: etag } });
    return json({ files: files.slice(at, at + limit), ...next }, { ETag: etag });
  }
}

export function json(body: unknown, headers: Record<string, string> = {}, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
}

export function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ type: "about:blank", title: detail, status, detail }), {
    status,
    headers: { "Content-Type": "application/problem+json", "X-Correlation-Id": "c-1", ...headers },
  });
}
