import type { Item } from "./item.ts";

const SHOWN_EVERY_MS = 120;

/** The items, as a store that React follows: what is shown is replaced a few times a second, however often bytes move. */
export class List {
  #all: readonly Item[] = [];
  #shown: readonly Item[] = [];
  #heard = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  follow = (hear: () => void): (() => void) => {
    this.#heard.add(hear);
    return () => this.#heard.delete(hear);
  };

  shown = (): readonly Item[] => this.#shown;

  get all(): readonly Item[] {
    return this.#all;
  }

  add(item: Item): void {
    this.#all = [...this.#all, item];
    this.#show();
  }

  remove(id: string): void {
    this.#all = this.#all.filter((each) => each.id !== id);
    this.#show();
  }

  set(id: string, change: Partial<Item>): void {
    this.#change(id, change);
    this.#show();
  }

  /** For what changes with every packet: shown soon, together with whatever else has changed until then. */
  move(id: string, change: Partial<Item>): void {
    this.#change(id, change);
    this.#timer ??= setTimeout(() => this.#show(), SHOWN_EVERY_MS);
  }

  #change(id: string, change: Partial<Item>): void {
    this.#all = this.#all.map((each) => (each.id === id ? { ...each, ...change } : each));
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown = this.#all;
    for (const hear of this.#heard) hear();
  }
}
