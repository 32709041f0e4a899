/** How fast, and how long still: over the last seconds, so that both follow what happens and do not jump. */

const WINDOW_MS = 8_000;

export class Speed {
  #marks: { at: number; bytes: number }[] = [];

  /** `bytes` have gone by now, in all. */
  mark(bytes: number, at: number = performance.now()): void {
    const last = this.#marks.at(-1);
    if (last && at - last.at < 200) {
      last.bytes = bytes;
    } else {
      this.#marks.push({ at, bytes });
    }
    while (this.#marks[1] && at - this.#marks[1].at > WINDOW_MS) this.#marks.shift();
  }

  /** After a pause. */
  reset(): void {
    this.#marks = [];
  }

  /** Bytes a second; 0 while too little is known. */
  get perSecond(): number {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    if (!first || !last || last.at - first.at < 500) {
      return 0;
    }
    return Math.max(0, ((last.bytes - first.bytes) / (last.at - first.at)) * 1000);
  }

  /** Seconds for so many more bytes; `null` while it cannot be said. */
  left(bytes: number): number | null {
    return this.perSecond > 0 ? bytes / this.perSecond : null;
  }
}
