import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Problem } from "../../src/api/problem.ts";
import { type Ask, Watch } from "../../src/live/watch.ts";
import { FakeApi, idOf } from "../fake_api.ts";

let server: FakeApi;
let watch: Watch;
let asked: { since: string; cursor: string | undefined; etag: string | undefined; at: number }[];
let visibility: DocumentVisibilityState;
let line: boolean;
let answers: (() => Error | undefined)[];

const ask: Ask = async (since, cursor, etag) => {
  asked.push({ since, cursor, etag, at: Date.now() });
  const failure = answers.shift()?.();
  if (failure) throw failure;
  const url = new URL("http://page.test/api/files");
  url.searchParams.set("since", since);
  if (cursor) url.searchParams.set("cursor", cursor);
  const headers = { Authorization: `Bearer ${server.key}`, ...(etag ? { "If-None-Match": etag } : {}) };
  const answer = await server.fetch(new Request(url, { headers }));
  if (answer.status === 304) return null;
  return { data: await answer.json(), etag: answer.headers.get("ETag"), at: new Date() };
};

function shown(name: string) {
  return watch.files().get(idOf(name));
}

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-03T12:00:00Z") });
  server = new FakeApi();
  asked = [];
  answers = [];
  visibility = "visible";
  line = true;
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => line);
  watch = new Watch(ask);
});

afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

test("each stage is seen within a second, by one request for all files, with a condition", async () => {
  server.change({ name: "demo/a.csv" });
  server.change({ name: "demo/b.csv" });
  watch.start();
  await pass(10);
  for (const stage of ["planning", "processing", "merging", "archiving", "publishing"]) {
    await pass(1000);
    server.change({ name: "demo/a.csv", state: "processing", stage });
    await pass(1000);
    expect(shown("demo/a.csv")?.file.stage).toBe(stage);
  }
  expect(shown("demo/a.csv")?.seen.map((each) => each.stage)).toEqual([
    "received",
    "planning",
    "processing",
    "merging",
    "archiving",
    "publishing",
  ]);
  expect(asked.length).toBeLessThanOrEqual(1 + 10_000 / 800 + 1);
  expect(asked.filter((each) => each.etag === undefined).length).toBeLessThanOrEqual(2);
});

test("when everything has ended it looks less often, and what is sent wakes it", async () => {
  server.change({ name: "demo/a.csv" });
  watch.start();
  await pass(2000);
  server.change({ name: "demo/a.csv", state: "succeeded" });
  await pass(2000);
  expect(shown("demo/a.csv")?.file.state).toBe("succeeded");
  const before = asked.length;
  await pass(9000);
  expect(asked.length - before).toBeLessThanOrEqual(1);

  watch.expect({ id: idOf("demo/new.csv"), version: "v1" });
  await pass(900);
  server.change({ name: "demo/new.csv" });
  await pass(1000);
  expect(shown("demo/new.csv")?.file.state).toBe("received");
});

test("what was sent and never shows up is not waited for for ever", async () => {
  watch.start();
  watch.expect({ id: idOf("demo/lost.csv"), version: "v1" });
  await pass(11 * 60_000);
  const before = asked.length;
  await pass(60_000);
  expect(asked.length - before).toBeLessThanOrEqual(6);
});

test("a hidden tab asks rarely, and at once when it is seen again", async () => {
  server.change({ name: "demo/a.csv" });
  watch.start();
  await pass(10);
  visibility = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  const before = asked.length;
  await pass(60_000);
  expect(asked.length - before).toBeLessThanOrEqual(4);
  server.change({ name: "demo/a.csv", state: "succeeded" });
  visibility = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(1);
  expect(shown("demo/a.csv")?.file.state).toBe("succeeded");
});

test("without a network nothing is asked; once it is back, at once", async () => {
  server.change({ name: "demo/a.csv" });
  watch.start();
  await pass(10);
  line = false;
  window.dispatchEvent(new Event("offline"));
  const before = asked.length;
  await pass(600_000);
  expect(asked.length).toBe(before);
  server.change({ name: "demo/a.csv", state: "failed", reason: "for a test" });
  line = true;
  window.dispatchEvent(new Event("online"));
  await pass(1);
  expect(shown("demo/a.csv")?.file.state).toBe("failed");
});

test("failures make it wait longer, as long as the API asks, and it recovers", async () => {
  server.change({ name: "demo/a.csv" });
  answers = [() => new TypeError("Failed to fetch"), () => new Problem(429, {}, new Headers({ "Retry-After": "5" }))];
  watch.start();
  await pass(999);
  expect(asked).toHaveLength(1);
  await pass(2);
  expect(asked).toHaveLength(2);
  expect(watch.failing).toBe(true);
  await pass(4900);
  expect(asked).toHaveLength(2);
  await pass(200);
  expect(asked).toHaveLength(3);
  expect(watch.failing).toBe(false);
  expect(shown("demo/a.csv")?.file.state).toBe("received");
});

test("a request that a sleeping machine took with it does not stop it", async () => {
  let hang = true;
  const stuck = new Watch((since, cursor, etag, signal) => {
    if (!hang) return ask(since, cursor, etag, signal);
    hang = false;
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new TypeError("gone"))));
  });
  server.change({ name: "demo/a.csv" });
  stuck.start();
  await pass(25_000);
  expect(stuck.files().size).toBe(1);
  stuck.stop();
});

test("more files than fit a page are all followed", async () => {
  for (let each = 0; each < 120; each++) server.change({ name: `demo/${each}.csv` });
  watch.start();
  await pass(10);
  expect(watch.files().size).toBe(120);
  server.change({ name: "demo/0.csv", state: "succeeded" });
  await pass(3 * 800 + 10);
  expect(shown("demo/0.csv")?.file.state).toBe("succeeded");
});

test("an answer that comes late takes nothing back", async () => {
  const file = server.change({ name: "demo/a.csv", state: "processing" });
  watch.start();
  await pass(10);
  const late = { ...file, state: "received" as const, updated_at: "2026-11-03T11:00:00Z" };
  watch.track(late);
  expect(shown("demo/a.csv")?.file.state).toBe("processing");
  server.change(late);
  await pass(2000);
  expect(asked.length).toBeGreaterThan(2);
  expect(shown("demo/a.csv")?.file.state).toBe("processing");
});

test("of an old file that never ended, it is not asked for everything since", async () => {
  const file = server.change({ name: "demo/old.csv", received_at: "2026-10-01T00:00:00Z" });
  watch.start();
  watch.track(file);
  await pass(5000);
  expect(asked.every(({ since }) => since > "2026-11-03T11:00:00Z")).toBe(true);
});
