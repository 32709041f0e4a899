/** The API, typed by its document. */

import createClient, { type Middleware } from "openapi-fetch";
import { Problem } from "./problem.ts";
import type { components, paths } from "./schema.d.ts";

export type Schemas = components["schemas"];
export type Upload = Schemas["Upload"];
export type File_ = Schemas["File"];
export type Me = Schemas["Me"];

export interface Access {
  /** What stands behind `Bearer`; `null` when nobody is signed in. */
  bearer(): string | null;
  /** The API has refused it. */
  refused(): void;
}

export type Api = ReturnType<typeof createClient<paths>>;

/** A client for the API at `base`. Its answers that are no success are thrown by `got` and `done`. */
export function connect(base: string, access: Access, send: typeof fetch = (request) => fetch(request)): Api {
  const api = createClient<paths>({
    baseUrl: new URL(base, location.href).href.replace(/\/$/, ""),
    fetch: send,
  });
  const carry: Middleware = {
    onRequest({ request }) {
      const bearer = access.bearer();
      if (bearer) request.headers.set("Authorization", `Bearer ${bearer}`);
      return request;
    },
    onResponse({ response }) {
      if (response.status === 401) access.refused();
    },
  };
  api.use(carry);
  return api;
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What was answered. Throws a `Problem` if it is no success. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok || data === undefined) {
    throw new Problem(response.status, error, response.headers);
  }
  return data;
}

/** For answers without a body. Throws a `Problem` if it is no success. */
export async function done(asked: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await asked;
  if (!response.ok) {
    throw new Problem(response.status, error, response.headers);
  }
}

/** For conditional requests: `null` if nothing has changed. Throws a `Problem` if it is no success. */
export async function fresh<T>(asked: Promise<Answer<T>>): Promise<{ data: T; etag: string | null; at: Date } | null> {
  const { data, error, response } = await asked;
  if (response.status === 304) {
    // Read to its end, though it is empty; the browser takes the request for broken off otherwise.
    if (!response.bodyUsed) await response.arrayBuffer();
    return null;
  }
  if (!response.ok || data === undefined) {
    throw new Problem(response.status, error, response.headers);
  }
  return { data, etag: response.headers.get("ETag"), at: new Date(response.headers.get("Date") ?? Date.now()) };
}
