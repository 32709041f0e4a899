import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { connect } from "../../src/api/client.ts";
import { NotTaken } from "../../src/uploads/again.ts";
import type { Item } from "../../src/uploads/item.ts";
import type { Put } from "../../src/uploads/put.ts";
import { Queue, type Setting } from "../../src/uploads/queue.ts";
import { type Memory, memory } from "../../src/uploads/remembered.ts";
import { FakeApi, FOLDER, problem } from "../fake_api.ts";

const TEXT = "0123456789abcdefghijklmnopqrstuvwxyz";

let server: FakeApi;
let sent: string[];
/** Called before a part is stored; may refuse it, or wait. */
let before: (part: number, signal: AbortSignal) => Promise<void>;

const put: Put = async (url, headers, body, went, signal) => {
  const part = Number(new URL(url).pathname.split("/")[2]);
  expect(headers).toHaveProperty("x-amz-checksum-sha256");
  await before(part, signal);
  signal.throwIfAborted();
  const status = await server.store(url, await bytesOf(body));
  if (status !== 200) throw new NotTaken(status, "");
  sent.push(`${part}`);
  went(body.size);
};

function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return blob.arrayBuffer().then((buffer) => new Uint8Array(buffer));
}

function queue(other: Partial<Setting> = {}) {
  const api = connect("http://page.test/api", { bearer: () => server.key, refused: () => undefined }, server.fetch);
  const onSent = vi.fn();
  const present = () => Promise.resolve();
  const made = new Queue({ api, put, folder: FOLDER, maxBytes: 1000, present, onSent, ...other });
  return { made, onSent };
}

function file(name = "a.csv", text = TEXT, modified = 1): File {
  return new File([text], name, { lastModified: modified, type: "text/csv" });
}

function only(made: Queue): Item {
  const items = made.items();
  expect(items).toHaveLength(1);
  return items[0] as Item;
}

async function until(made: Queue, status: Item["status"], index = 0): Promise<Item> {
  await vi.waitFor(() => expect(made.items()[index]?.status).toBe(status), { timeout: 4000, interval: 5 });
  return made.items()[index] as Item;
}

function stored(): string {
  const [open] = server.uploads.values();
  const parts = [...(open?.parts ?? [])].sort(([a], [b]) => a - b).map(([, part]) => part.bytes);
  return new TextDecoder().decode(Buffer.concat(parts));
}

beforeEach(() => {
  server = new FakeApi();
  sent = [];
  before = () => Promise.resolve();
  globalThis.indexedDB = new IDBFactory();
});

test("a file goes up in parts, whole, and is told of once", async () => {
  const { made, onSent } = queue();
  made.add([{ file: file(), name: "folder/a.csv" }]);
  const item = await until(made, "sent");
  expect(stored()).toBe(TEXT);
  expect(sent.toSorted()).toEqual(["1", "2", "3", "4", "5"]);
  expect(item).toMatchObject({ name: "folder/a.csv", went: TEXT.length, version: "v1" });
  expect(onSent).toHaveBeenCalledExactlyOnceWith({ id: item.file, version: "v1", name: `${FOLDER}/folder/a.csv` });
});

test("an empty file is a file too", async () => {
  const { made } = queue();
  made.add([{ file: file("empty.txt", ""), name: "empty.txt" }]);
  await until(made, "sent");
  expect(sent).toEqual(["1"]);
});

test("what was sent leaves the list when its file is deleted, and nothing else does", async () => {
  const { made } = queue();
  made.add([
    { file: file("a.csv"), name: "a.csv" },
    { file: file("b.csv"), name: "b.csv" },
  ]);
  const gone = await until(made, "sent", 0);
  await until(made, "sent", 1);
  made.dismissSent(gone.file as string);
  expect(only(made).name).toBe("b.csv");
});

test("the same file twice in the list is sent once", async () => {
  const { made } = queue();
  made.add([
    { file: file(), name: "a.csv" },
    { file: file(), name: "a.csv" },
  ]);
  only(made);
  await until(made, "sent");
});

test("what is larger than is accepted is not begun, and cannot be tried again", async () => {
  const { made } = queue();
  made.add([{ file: file("big", "x".repeat(1001)), name: "big" }]);
  expect(only(made)).toMatchObject({ status: "failed", hopeful: false, words: { title: "Too large" } });
  expect(server.uploads.size).toBe(0);
});

test("a part that is refused is signed anew and sent again; the others are not", async () => {
  let refused = 0;
  before = (part) => (part === 3 && refused++ === 0 ? Promise.reject(new NotTaken(403, "Expired")) : Promise.resolve());
  const { made } = queue();
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "sent");
  expect(stored()).toBe(TEXT);
  expect(sent).toHaveLength(5);
  const signed = server.asked.filter((each) => each.method === "POST" && each.path.endsWith("/parts"));
  const numbers = signed.flatMap((each) => (each.body as { parts: { number: number }[] }).parts.map((p) => p.number));
  expect(numbers.filter((number) => number === 3)).toHaveLength(2);
});

test("pausing stops at once, going on sends only what is missing", async () => {
  before = (part, signal) =>
    part <= 2 || sent.length > 90
      ? Promise.resolve()
      : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  const { made } = queue();
  made.add([{ file: file(), name: "a.csv" }]);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  made.pause(only(made).id);
  expect(only(made).status).toBe("paused");
  before = () => Promise.resolve();
  made.resume(only(made).id);
  await until(made, "sent");
  expect(stored()).toBe(TEXT);
  expect(sent.slice(0, 2).toSorted()).toEqual(["1", "2"]);
  expect(sent.slice(2).toSorted()).toEqual(["3", "4", "5"]);
});

/** What a page that is closed in the middle leaves: two parts, an open upload, a record in the browser. */
async function left(): Promise<void> {
  before = (part) => (part <= 2 ? Promise.resolve() : new Promise(() => undefined));
  const { made } = queue();
  made.add([{ file: file(), name: "a.csv" }]);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  sent = [];
  before = () => Promise.resolve();
}

test("after a reload the page says which file to choose, and goes on where it was", async () => {
  await left();
  const { made } = queue();
  await made.restore();
  expect(only(made)).toMatchObject({ status: "choose", name: "a.csv" });
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "sent");
  expect(sent.toSorted()).toEqual(["3", "4", "5"]);
  expect(stored()).toBe(TEXT);
  expect(server.uploads.size).toBe(1);
});

/** A browser that has kept the file's handle; `state` is what it says to reading. */
function keeping(state: PermissionState, found: File = file()): { memory: Memory } {
  const [open] = server.uploads.values();
  const handle = {
    queryPermission: () => Promise.resolve(state),
    requestPermission: () => Promise.resolve("granted"),
    getFile: () => Promise.resolve(found),
  };
  const record = { key: "k", folder: FOLDER, name: "a.csv", size: TEXT.length, modified: 1, type: "", attempt: 1 };
  const kept = [{ ...record, upload: open?.upload.id ?? "", handle: handle as unknown as FileSystemFileHandle }];
  const nothing = () => Promise.resolve();
  return { memory: { remember: nothing, forget: nothing, recall: () => Promise.resolve(kept) } };
}

test("where the browser keeps the file's handle and lets it be read, it goes on by itself", async () => {
  await left();
  const { made } = queue({ memory: keeping("granted").memory });
  await made.restore();
  await until(made, "sent");
  expect(sent.toSorted()).toEqual(["3", "4", "5"]);
  expect(stored()).toBe(TEXT);
});

test("where the browser asks before it reads, the person is asked on a click", async () => {
  await left();
  const { made } = queue({ memory: keeping("prompt").memory });
  await made.restore();
  expect(only(made).status).toBe("allow");
  await made.allow(only(made).id);
  await until(made, "sent");
  expect(stored()).toBe(TEXT);
});

test("a file that is not as it was is not read by itself", async () => {
  await left();
  const { made } = queue({ memory: keeping("granted", file("a.csv", TEXT, 2)).memory });
  await made.restore();
  expect(only(made).status).toBe("choose");
});

test("a file of the same name and size but another content is sent anew where it differs", async () => {
  await left();
  const { made } = queue();
  await made.restore();
  const other = `X${TEXT.slice(1)}`;
  made.add([{ file: file("a.csv", other, 2), name: "a.csv" }]);
  await until(made, "sent");
  expect(sent.toSorted()).toEqual(["1", "3", "4", "5"]);
  expect(stored()).toBe(other);
});

test("an upload that was begun elsewhere is offered once nobody seems to send it any more", async () => {
  await left();
  globalThis.indexedDB = new IDBFactory();
  const young = queue().made;
  await young.restore();
  expect(young.items()).toEqual([]);

  const before_long = new Date(Date.now() - 3_600_000).toISOString();
  for (const open of server.uploads.values()) open.upload = { ...open.upload, created_at: before_long };
  const { made } = queue();
  await made.restore();
  expect(only(made)).toMatchObject({ status: "choose", name: "a.csv" });
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "sent");
  expect(sent.toSorted()).toEqual(["3", "4", "5"]);
});

test("of another folder nothing is recalled", async () => {
  await left();
  expect(await memory.recall("other")).toEqual([]);
  expect(await memory.recall(FOLDER)).toHaveLength(1);
});

test("cancelling gives the upload up, in the store and in the browser", async () => {
  await left();
  const { made } = queue();
  await made.restore();
  await made.cancel(only(made).id);
  expect(made.items()).toEqual([]);
  expect([...server.uploads.values()][0]?.upload.state).toBe("aborted");
  expect(await memory.recall(FOLDER)).toEqual([]);
});

test("a file that was sent before is not sent again, unless somebody wants it", async () => {
  const first = queue();
  first.made.add([{ file: file(), name: "a.csv" }]);
  await until(first.made, "sent");
  const { made, onSent } = queue();
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "before");
  expect(server.uploads.size).toBe(1);
  made.sendAgain(only(made).id);
  await until(made, "sent");
  expect(server.uploads.size).toBe(2);
  expect(onSent).toHaveBeenCalledOnce();
});

test("an upload that was given up elsewhere is begun anew", async () => {
  await left();
  for (const open of server.uploads.values()) open.upload = { ...open.upload, state: "aborted" };
  const { made } = queue();
  await made.restore();
  expect(made.items()).toEqual([]);
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "sent");
  expect(sent).toHaveLength(5);
  expect(server.uploads.size).toBe(2);
});

test("a sign-in that runs out in the middle is waited for", async () => {
  let enter = () => {};
  const present = vi.fn(() => new Promise<void>((resolve) => (enter = resolve)));
  server.failures.push(({ path }) => (path.endsWith("/complete") ? problem(401, "Unauthorized") : undefined));
  const { made } = queue({ present });
  made.add([{ file: file(), name: "a.csv" }]);
  await until(made, "signed-out");
  enter();
  await until(made, "sent");
  expect(sent).toHaveLength(5);
});

test("what the API refuses is said in its words, and can be tried again", async () => {
  server.failures.push(({ path, method }) =>
    method === "POST" && path === "/uploads" ? problem(400, "The name must not begin with a dot.") : undefined,
  );
  const { made } = queue();
  made.add([{ file: file(), name: ".a" }]);
  const item = await until(made, "failed");
  expect(item.words?.text).toBe("The name must not begin with a dot.");
  made.resume(item.id);
  await until(made, "sent");
});

test("many files go up, a few at once", async () => {
  let now = 0;
  let most = 0;
  before = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
  };
  const { made, onSent } = queue();
  made.add(Array.from({ length: 60 }, (_, index) => ({ file: file(`${index}.csv`), name: `${index}.csv` })));
  await vi.waitFor(() => expect(onSent).toHaveBeenCalledTimes(60), { timeout: 8000 });
  expect(most).toBeLessThanOrEqual(6);
  expect(most).toBeGreaterThan(1);
});
