import { base64url } from "../access/pkce.ts";
import type { Me } from "../api/client.ts";

/** A file's name as its owner knows it: without the folder that all their files are in. Operators see whole names. */
export function nameFor(name: string, me: Pick<Me, "folder" | "operator">): string {
  return shown(!me.operator && name.startsWith(`${me.folder}/`) ? name.slice(me.folder.length + 1) : name);
}

/** A name without what cannot be seen, or turns the direction of writing so that it reads as another. */
export function shown(name: string): string {
  return name.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
}

/** A file's id, by its whole name. */
export function idOf(name: string): string {
  return base64url(new TextEncoder().encode(name));
}
