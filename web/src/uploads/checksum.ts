/** SHA-256 of what is sent. The browser computes it off the main thread; a part's bytes are held for that moment only. */

import { Trouble } from "../api/problem.ts";

export function hex(digest: ArrayBuffer): string {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function sha256(bytes: BufferSource): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", bytes));
}

/** Of a piece of a file. Throws a `Trouble` if the file is not there any more, or not as it was. */
export async function sha256OfPiece(file: Blob, start: number, end: number): Promise<string> {
  try {
    return await sha256(await file.slice(start, end).arrayBuffer());
  } catch (error) {
    throw error instanceof DOMException ? gone() : error;
  }
}

export function gone(): Trouble {
  return new Trouble(
    "The file can no longer be read",
    "It was changed, moved or deleted on this device since it was chosen. Choose it again.",
  );
}

/**
 * The idempotency key of a file's upload: the same for the same file, so that a page that was reloaded finds the upload
 * that it had begun. `attempt` counts from 1, for a file that is sent once more on purpose.
 */
export async function keyOf(
  folder: string,
  file: { name: string; size: number; modified: number },
  attempt = 1,
): Promise<string> {
  const said = JSON.stringify([folder, file.name, file.size, file.modified, attempt]);
  return `page-${await sha256(new TextEncoder().encode(said))}`;
}
