/** Everything that this page sends: one store, which React follows. */

import { type Api, got, type Upload } from "../api/client.ts";
import { Problem, Trouble, words } from "../api/problem.ts";
import { begin } from "./begin.ts";
import { keyOf } from "./checksum.ts";
import type { Chosen } from "./chosen.ts";
import { mayBeAsked, reread } from "./handles.ts";
import { ACTIVE, type Item, type Status, type Work } from "./item.ts";
import { List } from "./list.ts";
import type { Put } from "./put.ts";
import { type Memory, memory } from "./remembered.ts";
import { Slots } from "./slots.ts";
import { Speed } from "./speed.ts";
import { giveUp, type Means, transfer } from "./transfer.ts";

/** An upload that this browser knows nothing of is offered to be gone on with when it is so old. */
const FORSAKEN_MS = 10 * 60_000;
/** Files at once. */
const FILES = 6;
/** Connections to the store at once: what browsers give one host. */
const CONNECTIONS = 6;

class Paused extends Error {}

export interface Setting {
  api: Api;
  put: Put;
  /** The caller's folder. */
  folder: string;
  maxBytes: number;
  memory?: Memory;
  /** Resolves when somebody is signed in. */
  present: (signal: AbortSignal) => Promise<void>;
  /** A file is there; its processing begins. */
  onSent: (file: { id: string; version: string; name: string }) => void;
}

export class Queue {
  #setting: Setting;
  #means: Means;
  #memory: Memory;
  #list = new List();
  #work = new Map<string, Work>();
  #speeds = new Map<string, Speed>();
  #count = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#memory = setting.memory ?? memory;
    this.#means = { api: setting.api, put: setting.put, slots: new Slots(CONNECTIONS) };
  }

  follow = this.#list.follow;

  items = this.#list.shown;

  /** Takes files; one that is in the list already is not taken twice, one that was missed goes on. */
  add(chosen: Chosen[]): void {
    for (const { file, name, handle } of chosen) {
      const found = this.#missed(name, file);
      if (found) {
        this.#attach(found, file, handle ?? null);
      } else if (!this.#has(name, file)) {
        this.#take(
          {
            name,
            size: file.size,
            modified: file.lastModified,
            type: file.type,
            attempt: 1,
            file,
            handle: handle ?? null,
          },
          "waiting",
        );
      }
    }
    this.#pump();
  }

  pause(id: string): void {
    const work = this.#work.get(id);
    this.#list.set(id, { status: "paused", perSecond: 0, left: null });
    work?.stop?.abort(new Paused());
  }

  /** Goes on with what is paused or has failed. */
  resume(id: string): void {
    const work = this.#work.get(id);
    if (!work) return;
    this.#list.set(id, { status: "waiting", words: null });
    this.#pump();
  }

  pauseAll(): void {
    for (const { id, status } of this.#list.all) if (ACTIVE.has(status) && status !== "finishing") this.pause(id);
  }

  resumeAll(): void {
    for (const { id, status } of this.#list.all) if (status === "paused") this.resume(id);
  }

  /** Stops it and gives up what had arrived. */
  async cancel(id: string): Promise<void> {
    const work = this.#work.get(id);
    work?.stop?.abort(new Paused());
    this.dismiss(id);
    if (work) {
      await this.#memory.forget(await this.#key(work));
      // What cannot be given up now runs out by itself.
      if (work.upload) await giveUp(this.#setting.api, work.upload.id).catch(() => undefined);
    }
  }

  /** Takes it out of the list. */
  dismiss(id: string): void {
    this.#work.delete(id);
    this.#speeds.delete(id);
    this.#list.remove(id);
  }

  dismissSent(): void {
    for (const { id, status } of this.#list.all) if (status === "sent" || status === "before") this.dismiss(id);
  }

  /** Sends a file once more that had been sent before. */
  sendAgain(id: string): void {
    const work = this.#work.get(id);
    if (!work) return;
    work.attempt += 1;
    work.upload = null;
    work.known = false;
    this.resume(id);
  }

  /** With the person's leave to read the file again. Has to be called from a click. */
  async allow(id: string): Promise<void> {
    const work = this.#work.get(id);
    if (!work?.handle) return;
    const file = await reread(work.handle, work, true);
    if (file) {
      this.#attach(id, file, work.handle);
      this.#pump();
    } else {
      this.#list.set(id, { status: "choose" });
    }
  }

  /** Finds what was under way when the page was left, and goes on by itself where the browser lets it. */
  async restore(): Promise<void> {
    const { api, folder } = this.#setting;
    const { uploads } = await got(api.GET("/uploads", { params: { query: { limit: 100 } } }));
    const open = new Map(uploads.filter((each) => each.state === "open").map((each) => [each.id, each]));
    for (const record of await this.#memory.recall(folder)) {
      const upload = open.get(record.upload);
      if (!upload) {
        await this.#memory.forget(record.key);
        continue;
      }
      open.delete(record.upload);
      if (this.#holds(upload.id)) continue;
      const { name, size, modified, type, attempt, handle } = record;
      const of = { name, size, modified, type, attempt, file: null, handle: handle ?? null };
      const id = this.#take(of, "choose", upload);
      if (handle) {
        const file = await reread(handle, record, false);
        if (file) this.#attach(id, file, handle);
        else if (await mayBeAsked(handle)) this.#list.set(id, { status: "allow" });
      }
    }
    for (const upload of open.values()) {
      // A young one is more likely being sent right now, by a program or from another device.
      if (this.#holds(upload.id) || Date.now() - Date.parse(upload.created_at) < FORSAKEN_MS) continue;
      const name = upload.name.startsWith(`${folder}/`) ? upload.name.slice(folder.length + 1) : upload.name;
      const of = {
        name,
        size: upload.size,
        modified: -1,
        type: upload.type ?? "",
        attempt: 1,
        file: null,
        handle: null,
      };
      this.#take(of, "choose", upload);
    }
    this.#pump();
  }

  #take(
    of: Pick<Work, "name" | "size" | "modified" | "type" | "attempt" | "file" | "handle">,
    status: Status,
    upload: Upload | null = null,
  ): string {
    const id = `item-${++this.#count}`;
    const tooLarge = of.size > this.#setting.maxBytes;
    this.#work.set(id, { ...of, upload, known: upload !== null, doubt: false, stop: null });
    this.#speeds.set(id, new Speed());
    const item: Item = {
      id,
      name: of.name,
      size: of.size,
      status: tooLarge ? "failed" : status,
      went: 0,
      perSecond: 0,
      left: null,
      words: tooLarge ? tooLargeWords(this.#setting.maxBytes) : null,
      hopeful: !tooLarge,
      file: upload?.file ?? null,
      version: null,
    };
    this.#list.add(item);
    return id;
  }

  #attach(id: string, file: File, handle: FileSystemFileHandle | null): void {
    const work = this.#work.get(id);
    if (!work) return;
    work.doubt = work.modified !== file.lastModified;
    work.file = file;
    work.handle = handle ?? work.handle;
    this.#list.set(id, { status: "waiting", words: null });
  }

  #missed(name: string, file: File): string | undefined {
    const open = this.#list.all.filter(({ status }) => status === "choose" || status === "allow");
    const same = open.filter((each) => each.name === name && each.size === file.size);
    // Chosen alone, a file has lost the folders that it was dropped with.
    const alone = open.filter((each) => each.name.endsWith(`/${name}`) && each.size === file.size);
    return (same[0] ?? (alone.length === 1 ? alone[0] : undefined))?.id;
  }

  #has(name: string, file: File): boolean {
    return this.#list.all.some(({ id, status }) => {
      const work = this.#work.get(id);
      const same = work?.name === name && work.size === file.size && work.modified === file.lastModified;
      return same && status !== "sent" && status !== "before" && status !== "failed";
    });
  }

  #holds(upload: string): boolean {
    return [...this.#work.values()].some((work) => work.upload?.id === upload);
  }

  #pump(): void {
    const running = this.#list.all.filter(({ status }) => ACTIVE.has(status) && status !== "waiting").length;
    const next = this.#list.all.filter(({ status }) => status === "waiting").slice(0, Math.max(0, FILES - running));
    for (const { id } of next) void this.#run(id);
  }

  async #run(id: string): Promise<void> {
    const work = this.#work.get(id);
    if (!work) return;
    const stop = new AbortController();
    work.stop = stop;
    this.#speeds.get(id)?.reset();
    this.#list.set(id, { status: "starting" });
    try {
      await this.#send(id, work, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) await this.#failed(id, work, error, stop.signal);
    }
    this.#pump();
  }

  async #send(id: string, work: Work, signal: AbortSignal): Promise<void> {
    const { file } = work;
    if (!file) {
      this.#list.set(id, { status: "choose" });
      return;
    }
    const upload = await begin(this.#setting.api, this.#setting.folder, work, signal);
    work.upload = upload;
    if (upload.state === "complete") {
      if (work.known) await this.#sent(id, work, upload.file, upload.version ?? "", upload.name);
      else
        this.#list.set(id, { status: "before", file: upload.file, went: work.size, version: upload.version ?? null });
      return;
    }
    await this.#remember(work, upload);
    signal.throwIfAborted();
    this.#list.set(id, { status: "sending", file: upload.file });
    const completed = await transfer(this.#means, upload, file, {
      went: (bytes) => this.#went(id, work, bytes),
      doubt: work.doubt,
      known: work.known,
      signal,
    });
    await this.#sent(id, work, completed.file, completed.version, completed.name);
  }

  async #sent(id: string, work: Work, file: string, version: string, name: string): Promise<void> {
    await this.#memory.forget(await this.#key(work));
    this.#list.set(id, { status: "sent", went: work.size, perSecond: 0, left: null, file, version });
    this.#setting.onSent({ id: file, version, name });
  }

  async #remember(work: Work, upload: Upload): Promise<void> {
    const { name, size, modified, type, handle } = work;
    const { folder } = this.#setting;
    const key = await this.#key(work);
    const record = { key, folder, name, size, modified, type, attempt: work.attempt, upload: upload.id };
    await this.#memory.remember(handle ? { ...record, handle } : record);
  }

  #key(work: Work): Promise<string> {
    return keyOf(this.#setting.folder, work, work.attempt);
  }

  #went(id: string, work: Work, bytes: number): void {
    work.known = true;
    const speed = this.#speeds.get(id);
    if (!speed || work.stop?.signal.aborted) return;
    speed.mark(bytes);
    const status = bytes >= work.size ? "finishing" : "sending";
    const change = { status, went: bytes, perSecond: speed.perSecond, left: speed.left(work.size - bytes) } as const;
    this.#list.move(id, change);
  }

  async #failed(id: string, work: Work, error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof Problem && error.status === 401) {
      this.#list.set(id, { status: "signed-out", perSecond: 0, left: null });
      await this.#setting.present(signal).then(
        () => this.#list.set(id, { status: "waiting" }),
        () => undefined,
      );
      return;
    }
    if (error instanceof Trouble && work.file) work.known = true;
    this.#list.set(id, { status: "failed", words: words(error), perSecond: 0, left: null });
  }
}

function tooLargeWords(maxBytes: number) {
  const most = (maxBytes / 1024 ** 3).toLocaleString("en", { maximumFractionDigits: 1 });
  return { title: "Too large", text: `At most ${most} GiB are accepted here. Cut the file into smaller ones.` };
}
