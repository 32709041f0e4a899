import { base64url } from "../access/pkce.ts";
import type { Me } from "../api/client.ts";

/** A file's name as its owner knows it: without the folder that all their files are in. Operators see whole names. */
export function nameFor(name: string, me: Pick<Me, "folder" | "operator">): string {
  return !me.operator && name.startsWith(`${me.folder}/`) ? name.slice(me.folder.length + 1) : name;
}

/** A file's id, by its whole name. */
export function idOf(name: string): string {
  return base64url(new TextEncoder().encode(name));
}
