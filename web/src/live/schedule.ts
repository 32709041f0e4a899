/** When to ask next what has become of the files. */

export interface Moment {
  /** Files are being processed. */
  moving: boolean;
  /** Milliseconds since an answer was last different. */
  quietMs: number;
  seen: boolean;
  online: boolean;
  /** Requests that failed in a row. */
  failures: number;
  /** Seconds that the API asked to wait for; `null` if it did not. */
  retryAfter: number | null;
  /** Requests that one look takes. */
  pages: number;
}

export const LIVELY_MS = 800;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Milliseconds until the next look; `null`: not before something happens (the network is back, the page is seen). */
export function next(moment: Moment): number | null {
  const { moving, quietMs, seen, online, failures, retryAfter, pages } = moment;
  if (!online) return null;
  if (failures > 0) {
    return Math.max((retryAfter ?? 0) * SECOND, Math.min(30 * SECOND, SECOND * 2 ** (failures - 1)));
  }
  if (!seen) return moving ? 15 * SECOND : null;
  if (!moving) return quietMs < 5 * MINUTE ? 10 * SECOND : 30 * SECOND;
  return pages * lively(quietMs);
}

function lively(quietMs: number): number {
  if (quietMs < MINUTE) return LIVELY_MS;
  if (quietMs < 5 * MINUTE) return 2 * SECOND;
  return quietMs < 30 * MINUTE ? 5 * SECOND : 15 * SECOND;
}
