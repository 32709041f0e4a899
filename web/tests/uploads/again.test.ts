import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../src/api/problem.ts";
import { NotTaken, passes, pauseMs, persist, rest } from "../../src/uploads/again.ts";

const never = new AbortController().signal;

function answered(status: number, headers: Record<string, string> = {}): Problem {
  return new Problem(status, {}, new Headers(headers));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  [answered(429), true],
  [answered(503), true],
  [answered(400), false],
  [answered(401), false],
  [answered(404), false],
  [new NotTaken(0, ""), true],
  [new NotTaken(500, "InternalError"), true],
  [new NotTaken(403, "AccessDenied"), false],
  [new TypeError("Failed to fetch"), true],
  [new RangeError("mine"), false],
])("whether trying again helps: %o", (error, expected) => {
  expect(passes(error)).toBe(expected);
});

test("pauses grow, are spread, and end at half a minute", () => {
  const pauses = [1, 2, 3, 4, 12].map((tried) => [pauseMs(tried, null, 0), pauseMs(tried, null, 1)]);
  expect(pauses).toEqual([
    [250, 500],
    [500, 1000],
    [1000, 2000],
    [2000, 4000],
    [15_000, 30_000],
  ]);
});

test("what the API asks to wait is waited for", () => {
  expect(pauseMs(1, answered(429, { "Retry-After": "7" }), 0)).toBe(7250);
});

test("it is tried until it works", async () => {
  const what = vi.fn<() => Promise<string>>();
  what.mockRejectedValueOnce(answered(503)).mockRejectedValueOnce(new TypeError("")).mockResolvedValueOnce("there");
  const promise = persist(what, never);
  await vi.runAllTimersAsync();
  expect(await promise).toBe("there");
  expect(what).toHaveBeenCalledTimes(3);
});

test("what does not pass is tried once, what passes not for ever", async () => {
  const refused = vi.fn(() => Promise.reject(answered(403)));
  await expect(persist(refused, never)).rejects.toThrow(Problem);
  expect(refused).toHaveBeenCalledTimes(1);

  const down = vi.fn(() => Promise.reject(answered(500)));
  const promise = expect(persist(down, never, 4)).rejects.toThrow(Problem);
  await vi.runAllTimersAsync();
  await promise;
  expect(down).toHaveBeenCalledTimes(4);
});

test("without a network nothing is tried, and the loss costs no try", async () => {
  const line = vi.spyOn(navigator, "onLine", "get").mockReturnValue(true);
  const what = vi.fn(() => {
    if (what.mock.calls.length === 1) line.mockReturnValue(false);
    return what.mock.calls.length < 3 ? Promise.reject(new TypeError("Failed to fetch")) : Promise.resolve("there");
  });
  const promise = persist(what, never, 2);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(what).toHaveBeenCalledTimes(1);
  line.mockReturnValue(true);
  window.dispatchEvent(new Event("online"));
  await vi.runAllTimersAsync();
  expect(await promise).toBe("there");
});

test("a rest ends when it is no longer wanted", async () => {
  const stop = new AbortController();
  const promise = rest(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await expect(promise).rejects.toThrow("enough");
  expect(vi.getTimerCount()).toBe(0);
});
