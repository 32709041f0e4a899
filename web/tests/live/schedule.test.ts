// @vitest-environment node
import { expect, test } from "vitest";
import { type Moment, next } from "../../src/live/schedule.ts";

const lively: Moment = { moving: true, quietMs: 0, seen: true, online: true, failures: 0, retryAfter: null, pages: 1 };
const MINUTE = 60_000;

test.each<[string, Partial<Moment>, number | null]>([
  ["something moves and is looked at", {}, 800],
  ["several requests make one look", { pages: 3 }, 2400],
  ["nothing has changed for a while", { quietMs: 2 * MINUTE }, 2000],
  ["nothing has changed for long", { quietMs: 10 * MINUTE }, 5000],
  ["nothing has changed for very long", { quietMs: 60 * MINUTE }, 15_000],
  ["nobody looks", { seen: false }, 15_000],
  ["nobody looks and nothing moves", { seen: false, moving: false }, null],
  ["nothing moves", { moving: false }, 10_000],
  ["nothing moves for long", { moving: false, quietMs: 6 * MINUTE }, 30_000],
  ["there is no network", { online: false }, null],
  ["one request failed", { failures: 1 }, 1000],
  ["four failed", { failures: 4 }, 8000],
  ["many failed", { failures: 40 }, 30_000],
  ["the API asks to wait", { failures: 1, retryAfter: 12 }, 12_000],
])("%s", (_, change, expected) => {
  expect(next({ ...lively, ...change })).toBe(expected);
});
