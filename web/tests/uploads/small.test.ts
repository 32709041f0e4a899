import { expect, test } from "vitest";
import { keyOf, sha256, sha256OfPiece } from "../../src/uploads/checksum.ts";
import { nameOf, ofPaste } from "../../src/uploads/chosen.ts";
import { type Item, type Status, totals, underWay } from "../../src/uploads/item.ts";
import { Slots } from "../../src/uploads/slots.ts";
import { Speed } from "../../src/uploads/speed.ts";

const never = new AbortController().signal;

test("SHA-256 as FIPS 180-4 has it", async () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256(new TextEncoder().encode("abc"))).toBe(abc);
  expect(await sha256OfPiece(new Blob(["xxabcxx"]), 2, 5)).toBe(abc);
});

test("a file that has gone says so", async () => {
  const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) }) };
  await expect(sha256OfPiece(gone as unknown as Blob, 0, 1)).rejects.toThrow("The file can no longer be read");
});

test("the idempotency key is the same for the same file, another for any other, and fits its pattern", async () => {
  const file = { name: "a/b.csv", size: 3, modified: 5 };
  const key = await keyOf("demo", file);
  expect(key).toMatch(/^[A-Za-z0-9_.:-]{8,128}$/);
  expect(await keyOf("demo", { ...file })).toBe(key);
  const others = await Promise.all([
    keyOf("other", file),
    keyOf("demo", { ...file, name: "a/c.csv" }),
    keyOf("demo", { ...file, size: 4 }),
    keyOf("demo", { ...file, modified: 6 }),
    keyOf("demo", file, 2),
  ]);
  expect(new Set([key, ...others]).size).toBe(6);
});

test.each([
  ["/photos/2026/a.jpg", "photos/2026/a.jpg"],
  ["./a.csv", "a.csv"],
  ["..\\secret\\a.csv", "secret/a.csv"],
  ["a/../../b//c", "a/b/c"],
  ["u\u0308ber.csv", "\u00fcber.csv"],
])("the path %s is the name %s", (path, name) => {
  expect(nameOf(path)).toBe(name);
});

test("a pasted picture gets a name of its own, a pasted file keeps its", () => {
  const files = [new File(["x"], "image.png"), new File(["y"], "orders.csv")];
  const found = ofPaste({ files } as unknown as DataTransfer, new Date("2026-11-03T14:05:09Z"));
  expect(found.map((each) => each.name)).toEqual(["pasted 2026-11-03T14-05-09.png", "orders.csv"]);
});

test("never more at once than there are slots, and in order", async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  const taken = [1, 2, 3, 4].map((each) =>
    slots.take(never).then((giveBack) => {
      order.push(each);
      return giveBack;
    }),
  );
  const [first, second] = await Promise.all([taken[0], taken[1]]);
  expect(order).toEqual([1, 2]);
  first?.();
  first?.();
  await taken[2];
  expect(order).toEqual([1, 2, 3]);
  second?.();
  await taken[3];
  expect(order).toEqual([1, 2, 3, 4]);
});

test("who no longer waits for a slot gets none", async () => {
  const slots = new Slots(1);
  const giveBack = await slots.take(never);
  const stop = new AbortController();
  const given_up = slots.take(stop.signal);
  stop.abort(new Error("enough"));
  await expect(given_up).rejects.toThrow("enough");
  giveBack();
  await slots.take(never);
});

test("speed follows the last seconds, and time left follows it", () => {
  const speed = new Speed();
  expect(speed.left(100)).toBeNull();
  for (let at = 0; at <= 10_000; at += 500) speed.mark(at, at);
  expect(speed.perSecond).toBeCloseTo(1000);
  for (let at = 10_500; at <= 20_000; at += 500) speed.mark(10_000 + (at - 10_000) * 4, at);
  expect(speed.perSecond).toBeCloseTo(4000);
  expect(speed.left(8000)).toBeCloseTo(2);
  speed.reset();
  expect(speed.perSecond).toBe(0);
});

function item(status: Status, size: number, went: number, perSecond = 0): Item {
  const rest = {
    id: `${status}`,
    batch: 1,
    name: "a",
    left: null,
    words: null,
    hopeful: true,
    file: null,
    version: null,
  };
  return { ...rest, status, size, went, perSecond };
}

test("totals are of what is sent and to be sent, not of what is paused or failed", () => {
  const items = [item("sent", 10, 10), item("sending", 20, 5, 5), item("waiting", 5, 0), item("failed", 90, 1)];
  expect(totals(items)).toEqual({ files: 3, finished: 1, bytes: 35, went: 15, perSecond: 5, left: 4 });
  expect(underWay(items)).toBe(true);
  expect(underWay([item("paused", 1, 0), item("sent", 1, 1), item("choose", 1, 0)])).toBe(false);
});
