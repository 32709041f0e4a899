import type { Upload } from "../api/client.ts";
import type { Words } from "../api/problem.ts";

/**
 * - `choose`: begun before, and the browser does not know where the file is;
 * - `allow`: begun before, and the browser asks before it reads the file again;
 * - `signed-out`: goes on when somebody is signed in again;
 * - `before`: the same file had been sent already.
 */
export type Status =
  | "waiting"
  | "starting"
  | "sending"
  | "finishing"
  | "paused"
  | "signed-out"
  | "choose"
  | "allow"
  | "failed"
  | "sent"
  | "before";

/** A file on its way, as it is shown. Never changed, only replaced. */
export interface Item {
  id: string;
  /** Files that were taken together have the same; it grows. */
  batch: number;
  name: string;
  size: number;
  status: Status;
  /** Bytes that are there. */
  went: number;
  /** Bytes a second; 0 while unknown. */
  perSecond: number;
  /** Seconds; `null` while unknown. */
  left: number | null;
  /** Why it failed. */
  words: Words | null;
  /** Trying again can help. */
  hopeful: boolean;
  /** The file's id, once it is known. */
  file: string | null;
  version: string | null;
}

/** What the queue knows beside what is shown. */
export interface Work {
  name: string;
  size: number;
  modified: number;
  type: string;
  /** Which sending of the same file it is, from 1. */
  attempt: number;
  file: File | null;
  handle: FileSystemFileHandle | null;
  upload: Upload | null;
  /** Some parts may have arrived. */
  known: boolean;
  /** The file may be another one of the same name and size. */
  doubt: boolean;
  /** Stops what is running. */
  stop: AbortController | null;
}

export const ACTIVE: ReadonlySet<Status> = new Set(["waiting", "starting", "sending", "finishing"]);

/** The tab must not be closed without a word. */
export function underWay(items: readonly Item[]): boolean {
  return items.some((each) => ACTIVE.has(each.status));
}

export interface Totals {
  files: number;
  finished: number;
  bytes: number;
  went: number;
  perSecond: number;
  left: number | null;
}

/** Of everything that is being sent or is to be. */
export function totals(items: readonly Item[]): Totals {
  const mine = items.filter((each) => ACTIVE.has(each.status) || each.status === "sent");
  const bytes = mine.reduce((sum, each) => sum + each.size, 0);
  const went = mine.reduce((sum, each) => sum + (each.status === "sent" ? each.size : each.went), 0);
  const perSecond = mine.reduce((sum, each) => sum + (each.status === "sending" ? each.perSecond : 0), 0);
  return {
    files: mine.length,
    finished: mine.filter((each) => each.status === "sent").length,
    bytes,
    went,
    perSecond,
    left: perSecond > 0 ? (bytes - went) / perSecond : null,
  };
}
