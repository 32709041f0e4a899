/** Trying again: which failures are worth it, after how long, and waiting for the network. */

import { Problem } from "../api/problem.ts";

export const TRIES = 8;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** A part that was not taken by the store. `status` 0: it was not reached, or went silent. */
export class NotTaken extends Error {
  override name = "NotTaken";
  readonly status: number;
  /** S3's name for it, such as `ExpiredToken`. */
  readonly code: string;

  constructor(status: number, code: string) {
    super(`A part was not taken: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** Whether the same may work a little later. */
export function passes(error: unknown): boolean {
  if (error instanceof Problem) {
    return error.status === 429 || error.status >= 500;
  }
  if (error instanceof NotTaken) {
    return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500;
  }
  return error instanceof TypeError;
}

/** Milliseconds to wait before try `tried` + 1; `luck` in [0, 1) spreads those who failed together. */
export function pauseMs(tried: number, error: unknown, luck: number = Math.random()): number {
  const asked = error instanceof Problem && error.retryAfter !== null ? error.retryAfter * 1000 : 0;
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (tried - 1));
  return asked + longest * (0.5 + luck / 2);
}

/** Waits; ends early with the signal's reason. */
export function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Waits until the browser has a network; at once if it has. */
export function online(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    if (navigator.onLine) {
      resolve();
      return;
    }
    window.addEventListener("online", () => resolve(), { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Does something until it works, or fails in a way that does not pass, or has been tried often enough. */
export async function persist<T>(what: () => Promise<T>, signal: AbortSignal, tries: number = TRIES): Promise<T> {
  for (let tried = 1; ; tried++) {
    await online(signal);
    try {
      return await what();
    } catch (error) {
      signal.throwIfAborted();
      if (!navigator.onLine) {
        // The lost network is waited for, and costs no try.
        tried--;
      } else if (!passes(error) || tried >= tries) {
        throw error;
      } else {
        await rest(pauseMs(tried, error), signal);
      }
    }
  }
}
