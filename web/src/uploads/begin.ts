/** How an upload begins: found again, if there is one of the same file, else a new one. */

import { type Api, got, type Upload } from "../api/client.ts";
import { Problem, Trouble } from "../api/problem.ts";
import { persist } from "./again.ts";
import { keyOf } from "./checksum.ts";
import type { Work } from "./item.ts";

/** Characters; as the API has it. */
const NAME_MOST = 512;
/** Sendings of the same file that ended otherwise than complete. */
const ATTEMPTS = 20;

/** The upload of a file that is sent to `folder`. What it learns on the way is written to `work`. */
export async function begin(api: Api, folder: string, work: Work, signal: AbortSignal): Promise<Upload> {
  if (work.upload) {
    const found = await look(api, work.upload.id, signal);
    if (found && isOfUse(found)) return found;
    work.upload = null;
    work.known = false;
    work.modified = work.file?.lastModified ?? work.modified;
  }
  if ([...work.name].length > NAME_MOST) {
    throw new Trouble("The name is too long", `Names have at most ${NAME_MOST} characters, with folders. Rename it.`);
  }
  for (const end = work.attempt + ATTEMPTS; work.attempt < end; work.attempt++) {
    const params = { header: { "Idempotency-Key": await keyOf(folder, work, work.attempt) } };
    const body = { name: work.name, size: work.size, ...(isType(work.type) ? { type: work.type } : {}) };
    try {
      const made = await persist(() => got(api.POST("/uploads", { params, body, signal })), signal);
      if (isOfUse(made)) return made;
    } catch (error) {
      if (!(error instanceof Problem && error.status === 409)) throw error;
    }
  }
  throw new Trouble("The upload could not be started", "Rename the file, or try again tomorrow.");
}

async function look(api: Api, upload: string, signal: AbortSignal): Promise<Upload | null> {
  try {
    return await persist(() => got(api.GET("/uploads/{upload}", { params: { path: { upload } }, signal })), signal);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** Still to be sent, or complete; not given up and not run out. */
function isOfUse(upload: Upload): boolean {
  return upload.state === "complete" || (upload.state === "open" && Date.parse(upload.expires_at) > Date.now());
}

function isType(type: string): boolean {
  return /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+$/.test(type) && type.length <= 127;
}
