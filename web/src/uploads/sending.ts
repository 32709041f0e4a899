/** One file of the queue on its way: begun, sent, told of, or waiting for what is missing. */

import type { Api, Upload } from "../api/client.ts";
import { Problem, Trouble, words } from "../api/problem.ts";
import { begin } from "./begin.ts";
import { keyOf } from "./checksum.ts";
import type { Holding } from "./holding.ts";
import type { Work } from "./item.ts";
import type { Put } from "./put.ts";
import { type Memory, memory } from "./remembered.ts";
import { Slots } from "./slots.ts";
import { type Means, transfer } from "./transfer.ts";

/** Connections to the store at once: what browsers give one host. */
const CONNECTIONS = 6;

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

export class Sending {
  readonly memory: Memory;
  #setting: Setting;
  #held: Holding;
  #means: Means;

  constructor(setting: Setting, held: Holding) {
    this.#setting = setting;
    this.#held = held;
    this.memory = setting.memory ?? memory;
    this.#means = { api: setting.api, put: setting.put, slots: new Slots(CONNECTIONS) };
  }

  /** Sends a file, until it is there, stopped, or cannot be sent; the list says which. */
  async run(id: string): Promise<void> {
    const work = this.#held.work(id);
    if (!work) return;
    const stop = new AbortController();
    work.stop = stop;
    this.#held.speed(id)?.reset();
    this.#held.list.set(id, { status: "starting" });
    try {
      await this.#send(id, work, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) await this.#failed(id, work, error, stop.signal);
    }
  }

  /** The browser need not remember it any more. */
  async forget(work: Work): Promise<void> {
    await this.memory.forget(await this.#key(work));
  }

  async #send(id: string, work: Work, signal: AbortSignal): Promise<void> {
    const { file } = work;
    const { list } = this.#held;
    if (!file) {
      list.set(id, { status: "choose" });
      return;
    }
    const upload = await begin(this.#setting.api, this.#setting.folder, work, signal);
    work.upload = upload;
    if (upload.state === "complete") {
      if (work.known) await this.#sent(id, work, upload.file, upload.version ?? "", upload.name);
      else list.set(id, { status: "before", file: upload.file, went: work.size, version: upload.version ?? null });
      return;
    }
    await this.#remember(work, upload);
    signal.throwIfAborted();
    list.set(id, { status: "sending", file: upload.file });
    const completed = await transfer(this.#means, upload, file, {
      went: (bytes) => this.#went(id, work, bytes),
      doubt: work.doubt,
      known: work.known,
      signal,
    });
    await this.#sent(id, work, completed.file, completed.version, completed.name);
  }

  async #sent(id: string, work: Work, file: string, version: string, name: string): Promise<void> {
    await this.forget(work);
    this.#held.list.set(id, { status: "sent", went: work.size, perSecond: 0, left: null, file, version });
    this.#setting.onSent({ id: file, version, name });
  }

  async #remember(work: Work, upload: Upload): Promise<void> {
    const { name, size, modified, type, handle } = work;
    const { folder } = this.#setting;
    const key = await this.#key(work);
    const record = { key, folder, name, size, modified, type, attempt: work.attempt, upload: upload.id };
    await this.memory.remember(handle ? { ...record, handle } : record);
  }

  #key(work: Work): Promise<string> {
    return keyOf(this.#setting.folder, work, work.attempt);
  }

  #went(id: string, work: Work, bytes: number): void {
    work.known = true;
    const speed = this.#held.speed(id);
    if (!speed || work.stop?.signal.aborted) return;
    speed.mark(bytes);
    const status = bytes >= work.size ? "finishing" : "sending";
    const change = { status, went: bytes, perSecond: speed.perSecond, left: speed.left(work.size - bytes) } as const;
    this.#held.list.move(id, change);
  }

  async #failed(id: string, work: Work, error: unknown, signal: AbortSignal): Promise<void> {
    const { list } = this.#held;
    if (error instanceof Problem && error.status === 401) {
      list.set(id, { status: "signed-out", perSecond: 0, left: null });
      await this.#setting.present(signal).then(
        () => list.set(id, { status: "waiting" }),
        () => undefined,
      );
      return;
    }
    if (error instanceof Trouble && work.file) work.known = true;
    list.set(id, { status: "failed", words: words(error), perSecond: 0, left: null });
  }
}
