/**
 * What becomes of the files, live: one conditional request for everything that is under way (ADR 14).
 *
 * Nothing is held open, so nothing can be lost: after sleep, a lost network or a hidden tab the next request brings all.
 */

import type { File_ } from "../api/client.ts";
import { Problem } from "../api/problem.ts";
import { type Moment, next } from "./schedule.ts";
import { ENDED, type StepName, stepOf } from "./stages.ts";

export interface Page {
  files: File_[];
  next?: string | undefined;
}

/** Asks for one page; `null` if it has not changed since `etag`. `at` is the server's time. */
export type Ask = (
  since: string,
  cursor: string | undefined,
  etag: string | undefined,
  signal: AbortSignal,
) => Promise<{ data: Page; etag: string | null; at: Date } | null>;

export interface Seen {
  stage: string;
  at: string;
}

export interface Watched {
  file: File_;
  /** The stages that were seen, oldest first. */
  seen: readonly Seen[];
  /** The last step before it ended. */
  last: StepName | null;
}

interface Kept {
  etag: string | undefined;
  page: Page;
}

/** What was sent and has not shown up after so long is not waited for. */
const PATIENCE_MS = 10 * 60_000;
/** Files older than this are not worth asking for everything since. */
const OLDEST_MS = 24 * 3600_000;
/** So much before a file was complete its event cannot have come. Also covers clocks that differ. */
const BEFORE_MS = 120_000;
const MOST_PAGES = 10;

export class Watch {
  #ask: Ask;
  #files: ReadonlyMap<string, Watched> = new Map();
  #expected = new Map<string, { version: string; at: number }>();
  #heard = new Set<() => void>();
  #pages = new Map<string, Kept>();
  #since: string;
  #asked = "";
  #ahead = 0;
  #changed = Date.now();
  #failures = 0;
  #retryAfter: number | null = null;
  #count = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;
  #again = false;
  #stopped = true;

  constructor(ask: Ask) {
    this.#ask = ask;
    this.#since = this.#ago(BEFORE_MS);
  }

  follow = (hear: () => void): (() => void) => {
    this.#heard.add(hear);
    return () => this.#heard.delete(hear);
  };

  /** By id. Replaced when something changes. */
  files = (): ReadonlyMap<string, Watched> => this.#files;

  /** Whether the last request failed. */
  get failing(): boolean {
    return this.#failures > 1;
  }

  start(): void {
    this.#stopped = false;
    document.addEventListener("visibilitychange", this.wake);
    window.addEventListener("online", this.wake);
    window.addEventListener("offline", this.wake);
    window.addEventListener("pageshow", this.wake);
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#running?.abort();
    document.removeEventListener("visibilitychange", this.wake);
    window.removeEventListener("online", this.wake);
    window.removeEventListener("offline", this.wake);
    window.removeEventListener("pageshow", this.wake);
  }

  /** Something that was just sent: it is looked for until it shows up. */
  expect(file: { id: string; version: string }): void {
    this.#expected.set(file.id, { version: file.version, at: Date.now() });
    this.#changed = Date.now();
    void this.#look();
  }

  /** Something that was seen elsewhere; followed if it has not ended. */
  track(file: File_): void {
    const known = this.#files.get(file.id);
    if (known && known.file.updated_at >= file.updated_at && known.file.attempt >= file.attempt) return;
    if (!known && ENDED.has(file.state)) return;
    this.#take([file]);
    if (!ENDED.has(file.state)) {
      this.#changed = Date.now();
      void this.#look();
    }
  }

  /** A file that was deleted: it is in no answer, so nobody else would say so. */
  forget(id: string): void {
    const files = new Map(this.#files);
    this.#expected.delete(id);
    // Pages that were kept hold it still.
    this.#pages.clear();
    if (files.delete(id)) {
      this.#files = files;
      this.#tell();
    }
  }

  /** Whether changes of the file are seen here: not of one that was received long ago. */
  covers(file: File_): boolean {
    return Date.parse(file.received_at) > Date.now() + this.#ahead - OLDEST_MS;
  }

  /** Looks at once: the page is seen again, the network is back, or somebody wants to know. */
  wake = (): void => {
    if (document.visibilityState === "visible") this.#changed = Math.max(this.#changed, Date.now() - 30_000);
    if (navigator.onLine && document.visibilityState === "visible") {
      this.#failures = 0;
      void this.#look();
    } else {
      this.#plan();
    }
  };

  get #moving(): boolean {
    return this.#expected.size > 0 || this.#underWay().length > 0;
  }

  #underWay(): File_[] {
    const files = [...this.#files.values()].map(({ file }) => file);
    return files.filter((file) => !ENDED.has(file.state) && this.covers(file));
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    if (this.#running) {
      this.#again = true;
      return;
    }
    const running = new AbortController();
    this.#running = running;
    // A request that a sleeping machine took with it would never end.
    const limit = setTimeout(() => running.abort(), 20_000);
    try {
      await this.#pass(running.signal);
      this.#failures = 0;
      this.#retryAfter = null;
    } catch (error) {
      if (!this.#stopped) {
        this.#failures += 1;
        this.#retryAfter = error instanceof Problem ? error.retryAfter : null;
        this.#tell();
      }
    } finally {
      clearTimeout(limit);
      this.#running = null;
    }
    if (this.#again) {
      this.#again = false;
      void this.#look();
    } else {
      this.#plan();
    }
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const since = this.#oldest();
    if (since !== this.#asked) {
      this.#asked = since;
      this.#pages.clear();
    }
    let cursor: string | undefined;
    let different = false;
    this.#count = 0;
    do {
      const place = cursor ?? "";
      const kept = this.#pages.get(place);
      const answer = await this.#ask(since, cursor, kept?.etag, signal);
      this.#count += 1;
      const page = answer ? answer.data : kept?.page;
      if (answer) {
        different = true;
        this.#ahead = answer.at.getTime() - Date.now();
        this.#pages.set(place, { etag: answer.etag ?? undefined, page: answer.data });
        this.#take(answer.data.files);
      }
      cursor = page?.next;
    } while (cursor && this.#count < MOST_PAGES);
    if (different) this.#changed = Date.now();
  }

  /** From when on to ask: the oldest that is under way, else a while ago, so that what comes by other ways is seen. */
  #oldest(): string {
    const now = Date.now();
    for (const [id, { at }] of this.#expected) if (now - at > PATIENCE_MS) this.#expected.delete(id);
    const times = this.#underWay().map((file) => Date.parse(file.received_at));
    for (const { at } of this.#expected.values()) times.push(at + this.#ahead - BEFORE_MS);
    if (times.length > 0) {
      return new Date(Math.min(...times)).toISOString();
    }
    if (now + this.#ahead - Date.parse(this.#since) > 30 * 60_000) this.#since = this.#ago(10 * 60_000);
    return this.#since;
  }

  #ago(ms: number): string {
    return new Date(Date.now() + this.#ahead - ms).toISOString();
  }

  #take(found: readonly File_[]): void {
    const files = new Map(this.#files);
    for (const file of found) {
      const before = files.get(file.id);
      if (before && stands(before.file, file)) continue;
      files.set(file.id, grown(before, file));
      const expected = this.#expected.get(file.id);
      const later = expected && Date.parse(file.received_at) > expected.at + this.#ahead;
      if (later || expected?.version === file.version) this.#expected.delete(file.id);
    }
    this.#files = files;
    this.#tell();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const moment: Moment = {
      moving: this.#moving,
      quietMs: Date.now() - this.#changed,
      seen: document.visibilityState === "visible",
      online: navigator.onLine,
      failures: this.#failures,
      retryAfter: this.#retryAfter,
      pages: this.#count,
    };
    const ms = next(moment);
    if (ms !== null) this.#timer = setTimeout(() => void this.#look(), ms);
  }

  #tell(): void {
    for (const hear of this.#heard) hear();
  }
}

/** An answer that is older than what is known, or the same. */
function stands(known: File_, file: File_): boolean {
  const older = Date.parse(file.updated_at) < Date.parse(known.updated_at);
  return older || (file.updated_at === known.updated_at && file.state === known.state && file.stage === known.stage);
}

function grown(before: Watched | undefined, file: File_): Watched {
  const same = before?.file.version === file.version && before.file.attempt === file.attempt;
  const seen = same ? before.seen : [];
  const last = same ? before.last : null;
  if (ENDED.has(file.state)) return { file, seen, last };
  const stage = file.state === "processing" ? (file.stage ?? "starting") : file.state;
  const more = seen.at(-1)?.stage === stage ? seen : [...seen, { stage, at: file.updated_at }];
  return { file, seen: more, last: stepOf(file) };
}
