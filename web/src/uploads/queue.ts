/** Everything that this page sends: one store, which React follows. */

import { got } from "../api/client.ts";
import type { Chosen } from "./chosen.ts";
import { mayBeAsked, reread } from "./handles.ts";
import { Holding } from "./holding.ts";
import { ACTIVE } from "./item.ts";
import { Sending, type Setting } from "./sending.ts";
import { giveUp } from "./transfer.ts";

export type { Setting } from "./sending.ts";

/** An upload that this browser knows nothing of is offered to be gone on with when it is so old. */
const FORSAKEN_MS = 10 * 60_000;
/** Files at once. */
const FILES = 6;
/** A folder's files come in no order; `part-2` stands before `part-10`. */
const NAMES = new Intl.Collator("en", { numeric: true });

class Paused extends Error {}

export class Queue {
  #setting: Setting;
  #held: Holding;
  #sending: Sending;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#held = new Holding(setting.maxBytes);
    this.#sending = new Sending(setting, this.#held);
  }

  get follow() {
    return this.#held.list.follow;
  }

  get items() {
    return this.#held.list.shown;
  }

  /** Takes files; one that is in the list already is not taken twice, one that was missed goes on. */
  add(chosen: Chosen[]): void {
    this.#held.together();
    const inOrder = [...chosen].sort((a, b) => NAMES.compare(a.name, b.name));
    for (const { file, name, handle = null } of inOrder) {
      const found = this.#held.missed(name, file);
      if (found) {
        this.#held.attach(found, file, handle);
      } else if (!this.#held.has(name, file)) {
        const { size, lastModified: modified, type } = file;
        this.#held.take({ name, size, modified, type, attempt: 1, file, handle }, "waiting");
      }
    }
    this.#pump();
  }

  pause(id: string): void {
    this.#held.list.set(id, { status: "paused", perSecond: 0, left: null });
    this.#held.work(id)?.stop?.abort(new Paused());
  }

  /** Goes on with what is paused or has failed. */
  resume(id: string): void {
    if (!this.#held.work(id)) return;
    this.#held.list.set(id, { status: "waiting", words: null });
    this.#pump();
  }

  pauseAll(): void {
    for (const { id, status } of this.#held.list.all) {
      if (ACTIVE.has(status) && status !== "finishing") this.pause(id);
    }
  }

  resumeAll(): void {
    for (const { id, status } of this.#held.list.all) if (status === "paused") this.resume(id);
  }

  /** Stops it and gives up what had arrived. */
  async cancel(id: string): Promise<void> {
    const work = this.#held.work(id);
    work?.stop?.abort(new Paused());
    this.dismiss(id);
    if (work) {
      await this.#sending.forget(work);
      // What cannot be given up now runs out by itself.
      if (work.upload) await giveUp(this.#setting.api, work.upload.id).catch(() => undefined);
    }
  }

  /** Takes it out of the list. */
  dismiss(id: string): void {
    this.#held.drop(id);
  }

  /** Takes what was sent out of the list: all of it, or what became a file that was deleted. */
  dismissSent(deleted?: string): void {
    for (const { id, status, file } of this.#held.list.all) {
      const gone = deleted === undefined || file === deleted;
      if (gone && (status === "sent" || status === "before")) this.dismiss(id);
    }
  }

  /** Sends a file once more that had been sent before. */
  sendAgain(id: string): void {
    const work = this.#held.work(id);
    if (!work) return;
    work.attempt += 1;
    work.upload = null;
    work.known = false;
    this.resume(id);
  }

  /** With the person's leave to read the file again. Has to be called from a click. */
  async allow(id: string): Promise<void> {
    const work = this.#held.work(id);
    if (!work?.handle) return;
    const file = await reread(work.handle, work, true);
    if (file) {
      this.#held.attach(id, file, work.handle);
      this.#pump();
    } else {
      this.#held.list.set(id, { status: "choose" });
    }
  }

  /** Finds what was under way when the page was left, and goes on by itself where the browser lets it. */
  async restore(): Promise<void> {
    const { api, folder } = this.#setting;
    const { memory } = this.#sending;
    const { uploads } = await got(api.GET("/uploads", { params: { query: { limit: 100 } } }));
    const open = new Map(uploads.filter((each) => each.state === "open").map((each) => [each.id, each]));
    for (const record of await memory.recall(folder)) {
      const upload = open.get(record.upload);
      if (!upload) {
        await memory.forget(record.key);
        continue;
      }
      open.delete(record.upload);
      if (this.#held.sends(upload.id)) continue;
      const { name, size, modified, type, attempt, handle = null } = record;
      const id = this.#held.take({ name, size, modified, type, attempt, file: null, handle }, "choose", upload);
      if (handle) {
        const file = await reread(handle, record, false);
        if (file) this.#held.attach(id, file, handle);
        else if (await mayBeAsked(handle)) this.#held.list.set(id, { status: "allow" });
      }
    }
    for (const upload of open.values()) {
      // A young one is more likely being sent right now, by a program or from another device.
      if (this.#held.sends(upload.id) || Date.now() - Date.parse(upload.created_at) < FORSAKEN_MS) continue;
      const name = upload.name.startsWith(`${folder}/`) ? upload.name.slice(folder.length + 1) : upload.name;
      const of = { name, size: upload.size, modified: -1, type: upload.type ?? "", attempt: 1 };
      this.#held.take({ ...of, file: null, handle: null }, "choose", upload);
    }
    this.#pump();
  }

  #pump(): void {
    const { all } = this.#held.list;
    const running = all.filter(({ status }) => ACTIVE.has(status) && status !== "waiting").length;
    const next = all.filter(({ status }) => status === "waiting").slice(0, Math.max(0, FILES - running));
    for (const { id } of next) void this.#sending.run(id).then(() => this.#pump());
  }
}
