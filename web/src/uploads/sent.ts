/** Files that were sent from here, and what has become of them. */

import { counted } from "../format.ts";
import { ENDED } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import type { Item } from "./item.ts";

type Files = ReadonlyMap<string, Watched>;

/** A list of more than these is put in order. */
const SHORT = 8;

const FIRST: Record<Item["status"], number> = {
  failed: 0,
  choose: 0,
  allow: 0,
  "signed-out": 2,
  finishing: 2,
  sending: 2,
  starting: 2,
  paused: 2,
  waiting: 3,
  before: 4,
  sent: 4,
};
/** Sent, and refused afterwards. */
const REFUSED = 1;

/** What has become of the very version that was sent. */
export function matching(item: Item, files: Files): Watched | null {
  const found = item.file && (item.status === "sent" || item.status === "before") ? files.get(item.file) : undefined;
  return found && (item.version === null || found.file.version === item.version) ? found : null;
}

/**
 * What was taken last comes first. Of a long list, in what was taken together: what needs somebody, what moves, the
 * rest; it keeps its order otherwise, so that nothing jumps.
 */
export function inOrder(items: readonly Item[], files: Files): Item[] {
  const rank = (item: Item) => (bad(matching(item, files)) ? REFUSED : FIRST[item.status]);
  const ranks = new Map(items.length > SHORT ? items.map((item) => [item.id, rank(item)]) : []);
  return [...items].sort((a, b) => b.batch - a.batch || (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0));
}

/** In one line: `200 files · 196 done · 3 rejected · 1 under way`. */
export function became(items: readonly Item[], files: Files): string {
  const found = items.map((item) => matching(item, files)?.file.state);
  const count = (state: string) => found.filter((each) => each === state).length;
  const ended = found.filter((state) => state !== undefined && ENDED.has(state)).length;
  // Of a file that was sent before, and nobody has said what is to be done, nothing is awaited.
  const idle = items.filter((item, index) => item.status === "before" && found[index] === undefined).length;
  const sent = items.filter((item) => item.status === "sent" || item.status === "before").length - idle;
  const parts = [
    [count("succeeded"), "done"],
    [count("rejected"), "rejected"],
    [count("failed"), "failed"],
    [sent - ended, "under way"],
    [idle, "sent before"],
    [items.length - sent - idle, "not sent"],
  ] as const;
  const told = parts.filter(([many]) => many > 0).map(([many, what]) => `${many.toLocaleString("en")} ${what}`);
  return [counted(items.length, "file"), ...told].join(" · ");
}

function bad(watched: Watched | null): boolean {
  return watched?.file.state === "rejected" || watched?.file.state === "failed";
}
