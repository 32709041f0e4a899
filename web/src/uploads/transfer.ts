/** One file's way to the store: started or found again, part by part, completed. */

import { type Api, done, got, type Schemas, type Upload } from "../api/client.ts";
import { Problem, Trouble } from "../api/problem.ts";
import { NotTaken, pauseMs, persist, rest, TRIES } from "./again.ts";
import { gone, sha256OfPiece } from "./checksum.ts";
import { type Arrived, missing, type Part, parts } from "./plan.ts";
import type { Put } from "./put.ts";
import type { Slots } from "./slots.ts";

/** Parts of one file at once. */
const ABREAST = 4;
/** Parts that are signed by one request. */
const SIGNED_TOGETHER = 8;
/** A link that runs out so soon is not used. */
const LINK_MARGIN_MS = 10_000;

export interface Means {
  api: Api;
  put: Put;
  /** Shared by all transfers: connections to the store. */
  slots: Slots;
}

type Signed = Schemas["SignedParts"]["parts"][number];

interface Ready {
  part: Part;
  link: Signed;
}

/** The parts of an upload that have arrived, all pages of them. */
export async function arrivedParts({ api }: Means, upload: string, signal: AbortSignal): Promise<Arrived[]> {
  const found: Arrived[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor ? { cursor } : {};
    const page = await persist(
      () => got(api.GET("/uploads/{upload}/parts", { params: { path: { upload }, query }, signal })),
      signal,
    );
    found.push(...page.parts);
    cursor = page.next;
  } while (cursor);
  return found;
}

/**
 * Sends what is missing of `file` and completes the upload. `went` hears how many bytes are there in all. With `doubt`
 * the parts that have arrived are compared with the file first: it may be another one of the same name and size.
 * Pausing is aborting the signal; the same call goes on later.
 */
export async function transfer(
  means: Means,
  upload: Upload,
  file: File,
  {
    went,
    doubt,
    known,
    signal,
  }: { went: (bytes: number) => void; doubt: boolean; known: boolean; signal: AbortSignal },
): Promise<Schemas["Completed"]> {
  if (file.size !== upload.size) {
    throw gone();
  }
  const all = parts(upload.size, upload.part_bytes);
  let arrived = known ? await arrivedParts(means, upload.id, signal) : [];
  if (doubt) {
    arrived = await alike(file, all, arrived, signal);
  }
  for (let round = 1; ; round++) {
    await send(means, upload, file, all, missing(all, arrived), went, signal);
    try {
      return await persist(
        () => got(means.api.POST("/uploads/{upload}/complete", { params: { path: { upload: upload.id } }, signal })),
        signal,
      );
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409) || round > 2) {
        throw error;
      }
      arrived = await arrivedParts(means, upload.id, signal);
      if (missing(all, arrived).length === 0) {
        throw error;
      }
    }
  }
}

/** Gives an upload up; what is not there any more is given up already. */
export async function giveUp(api: Api, upload: string): Promise<void> {
  try {
    await done(api.DELETE("/uploads/{upload}", { params: { path: { upload } } }));
  } catch (error) {
    if (!(error instanceof Problem && (error.status === 404 || error.status === 409))) throw error;
  }
}

async function alike(file: File, all: Part[], arrived: Arrived[], signal: AbortSignal): Promise<Arrived[]> {
  const kept: Arrived[] = [];
  for (const each of arrived) {
    signal.throwIfAborted();
    const part = all[each.number - 1];
    if (part && each.sha256 && (await sha256OfPiece(file, part.start, part.end)) === each.sha256) {
      kept.push(each);
    }
  }
  return kept;
}

async function send(
  means: Means,
  upload: Upload,
  file: File,
  all: Part[],
  todo: Part[],
  went: (bytes: number) => void,
  outer: AbortSignal,
): Promise<void> {
  const size = (list: Part[]) => list.reduce((sum, part) => sum + part.end - part.start, 0);
  let sent = size(all) - size(todo);
  const flying = new Map<number, number>();
  const tell = () => went(sent + [...flying.values()].reduce((sum, bytes) => sum + bytes, 0));
  tell();

  // One part that fails for good stops its sisters.
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const next = signer(means.api, upload.id, file, todo, signal);
  const worker = async () => {
    for (let ready = await next(); ready; ready = await next()) {
      const { part } = ready;
      await sendPart(means, upload.id, file, ready, signal, (bytes) => {
        flying.set(part.number, bytes);
        tell();
      });
      flying.delete(part.number);
      sent += part.end - part.start;
      tell();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(ABREAST, todo.length) }, worker));
  } catch (error) {
    failed.abort(error);
    outer.throwIfAborted();
    throw error;
  }
}

/** Hands out parts with links, in order; the next links are asked for while the last ones are in use. */
function signer(api: Api, upload: string, file: File, todo: Part[], signal: AbortSignal) {
  const left = [...todo];
  const ready: Ready[] = [];
  let batch = 2;
  let asking: Promise<void> | null = null;
  const ask = async () => {
    const some = left.splice(0, batch);
    // A few at first, so that bytes flow at once.
    batch = SIGNED_TOGETHER;
    ready.push(...(await sign(api, upload, file, some, signal)));
  };
  return async function next(): Promise<Ready | undefined> {
    for (;;) {
      if (ready.length < ABREAST && left.length > 0 && !asking) {
        asking = ask().finally(() => {
          asking = null;
        });
        // Whoever needs it waits for it below, and hears of its failure there.
        asking.catch(() => undefined);
      }
      const found = ready.shift();
      if (found || !asking) {
        return found;
      }
      await asking;
    }
  };
}

async function sign(api: Api, upload: string, file: File, some: Part[], signal: AbortSignal): Promise<Ready[]> {
  const wanted: Schemas["PartsToSign"]["parts"] = [];
  for (const part of some) {
    signal.throwIfAborted();
    wanted.push({ number: part.number, sha256: await sha256OfPiece(file, part.start, part.end) });
  }
  const { parts: links } = await persist(
    () => got(api.POST("/uploads/{upload}/parts", { params: { path: { upload } }, body: { parts: wanted }, signal })),
    signal,
  );
  return some.map((part, index) => ({ part, link: links[index] as Signed }));
}

async function sendPart(
  { api, put, slots }: Means,
  upload: string,
  file: File,
  first: Ready,
  signal: AbortSignal,
  went: (bytes: number) => void,
): Promise<void> {
  const { part } = first;
  let link: Signed | undefined = first.link;
  for (let tried = 1; ; tried++) {
    const giveBack = await slots.take(signal);
    try {
      if (!link || Date.parse(link.expires_at) - Date.now() < LINK_MARGIN_MS) {
        link = (await sign(api, upload, file, [part], signal))[0]?.link as Signed;
      }
      const { url, headers } = link;
      const body = file.slice(part.start, part.end);
      return await persist(() => put(url, headers, body, went, signal), signal, 1);
    } catch (error) {
      went(0);
      signal.throwIfAborted();
      if (!(error instanceof NotTaken)) throw error;
      if (error.status === 404)
        throw new Trouble("The upload is over", "It was given up or ran out. Send the file again.");
      if (tried >= TRIES)
        throw new Trouble("The store does not answer", "It was tried several times. Try again later.");
      // Whatever the reason, the next try begins with a new link and a new look at the file's bytes.
      link = undefined;
      giveBack();
      await rest(pauseMs(tried, error), signal);
    } finally {
      giveBack();
    }
  }
}
