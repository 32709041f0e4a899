import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../../src/access/session.ts";

const KEYS = { api: "/api", sign_in: null, max_file_bytes: 1, version: "1" };
const PEOPLE = { ...KEYS, sign_in: { domain: "people.test", client_id: "c" } };
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  sessionStorage.clear();
});
afterEach(() => void vi.useRealTimers());

test("a key is kept through a reload of the tab and forgotten on leaving", () => {
  const session = new Session(KEYS);
  expect(session.presence).toBe("nobody");
  session.enter({ value: "k", expires: null });
  expect(new Session(KEYS).bearer()).toBe("k");
  session.leave();
  expect(session.presence).toBe("nobody");
  expect(new Session(KEYS).presence).toBe("nobody");
});

test("what the API refuses is over, and forgotten", () => {
  const session = new Session(KEYS);
  session.refused();
  expect(session.presence).toBe("nobody");
  session.enter({ value: "k", expires: null });
  session.refused();
  expect(session.presence).toBe("over");
  expect(session.bearer()).toBeNull();
  expect(new Session(KEYS).bearer()).toBeNull();
});

test("whose it is stays on the screen when the sign-in runs out, and goes with whoever leaves", () => {
  const session = new Session(PEOPLE);
  session.enter({ value: "t", expires: 3_600_000, name: "ann@example.com" });
  expect(new Session(PEOPLE).name).toBe("ann@example.com");
  session.refused();
  expect(session.name).toBe("ann@example.com");
  session.enter({ value: "k", expires: null });
  expect(session.name).toBeNull();
});

test("who waits for somebody goes on when there is one", async () => {
  const session = new Session(KEYS);
  const there = vi.fn();
  const waiting = session.present(never).then(there);
  session.refused();
  await Promise.resolve();
  expect(there).not.toHaveBeenCalled();
  session.enter({ value: "k", expires: null });
  await waiting;
  expect(there).toHaveBeenCalledOnce();

  session.refused();
  const stop = new AbortController();
  const given = session.present(stop.signal);
  stop.abort(new Error("enough"));
  await expect(given).rejects.toThrow("enough");
});

test("a token is renewed before it runs out, unless something is being sent", async () => {
  const session = new Session(PEOPLE);
  const signIn = vi.spyOn(session, "signIn").mockResolvedValue();
  session.enter({ value: "t", expires: 3_600_000 });
  vi.advanceTimersByTime(3_500_000);
  expect(signIn).not.toHaveBeenCalled();
  vi.advanceTimersByTime(11_000);
  expect(signIn).toHaveBeenCalledOnce();

  const sending = new Session(PEOPLE);
  sending.mayLeave = () => false;
  const other = vi.spyOn(sending, "signIn").mockResolvedValue();
  sending.enter({ value: "t", expires: Date.now() + 3_600_000 });
  vi.advanceTimersByTime(3_599_000);
  expect(other).not.toHaveBeenCalled();
  expect(sending.presence).toBe("somebody");
  vi.advanceTimersByTime(1001);
  expect(sending.presence).toBe("over");
});

test("a token that lives shortly is not renewed over and over", () => {
  const session = new Session(PEOPLE);
  const signIn = vi.spyOn(session, "signIn").mockResolvedValue();
  session.enter({ value: "t", expires: 60_000 });
  vi.advanceTimersByTime(60_000);
  expect(signIn).not.toHaveBeenCalled();
  expect(session.presence).toBe("over");
});
