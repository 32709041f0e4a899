/** The files of the queue: what is shown of each, and what is known beside it. */

import type { Upload } from "../api/client.ts";
import type { Words } from "../api/problem.ts";
import { bytes } from "../format.ts";
import type { Item, Status, Work } from "./item.ts";
import { List } from "./list.ts";
import { Speed } from "./speed.ts";

type Source = Pick<Work, "name" | "size" | "modified" | "type" | "attempt" | "file" | "handle">;

export class Holding {
  readonly list = new List();
  #maxBytes: number;
  #work = new Map<string, Work>();
  #speeds = new Map<string, Speed>();
  #count = 0;
  #batch = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  work(id: string): Work | undefined {
    return this.#work.get(id);
  }

  speed(id: string): Speed | undefined {
    return this.#speeds.get(id);
  }

  /** What is taken from now on was chosen together. */
  together(): void {
    this.#batch += 1;
  }

  /** Takes a file into the list; its id there. */
  take(of: Source, status: Status, upload: Upload | null = null): string {
    const id = `item-${++this.#count}`;
    const tooLarge = of.size > this.#maxBytes;
    this.#work.set(id, { ...of, upload, known: upload !== null, doubt: false, stop: null });
    this.#speeds.set(id, new Speed());
    const item: Item = {
      id,
      batch: this.#batch,
      name: of.name,
      size: of.size,
      status: tooLarge ? "failed" : status,
      went: 0,
      perSecond: 0,
      left: null,
      words: tooLarge ? tooLargeWords(this.#maxBytes) : null,
      hopeful: !tooLarge,
      file: upload?.file ?? null,
      version: null,
    };
    this.list.add(item);
    return id;
  }

  /** The file of an upload that was begun before has been found. */
  attach(id: string, file: File, handle: FileSystemFileHandle | null): void {
    const work = this.#work.get(id);
    if (!work) return;
    work.doubt = work.modified !== file.lastModified;
    work.file = file;
    work.handle = handle ?? work.handle;
    this.list.set(id, { status: "waiting", words: null });
  }

  drop(id: string): void {
    this.#work.delete(id);
    this.#speeds.delete(id);
    this.list.remove(id);
  }

  /** The one that waits for just this file, if there is one. */
  missed(name: string, file: File): string | undefined {
    const open = this.list.all.filter(({ status }) => status === "choose" || status === "allow");
    const same = open.filter((each) => each.name === name && each.size === file.size);
    // Chosen alone, a file has lost the folders that it was dropped with.
    const alone = open.filter((each) => each.name.endsWith(`/${name}`) && each.size === file.size);
    return (same[0] ?? (alone.length === 1 ? alone[0] : undefined))?.id;
  }

  /** Whether the very file is in the list already and not finished. */
  has(name: string, file: File): boolean {
    return this.list.all.some(({ id, status }) => {
      const work = this.#work.get(id);
      const same = work?.name === name && work.size === file.size && work.modified === file.lastModified;
      return same && status !== "sent" && status !== "before" && status !== "failed";
    });
  }

  /** Whether an upload is one of these. */
  sends(upload: string): boolean {
    return [...this.#work.values()].some((work) => work.upload?.id === upload);
  }
}

function tooLargeWords(maxBytes: number): Words {
  return { title: "Too large", text: `At most ${bytes(maxBytes)} are accepted here. Cut the file into smaller ones.` };
}
