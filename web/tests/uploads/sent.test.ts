// @vitest-environment node
import { expect, test } from "vitest";
import type { State } from "../../src/routing.ts";
import type { Item, Status } from "../../src/uploads/item.ts";
import { became, inOrder } from "../../src/uploads/sent.ts";

function item(id: string, status: Status, batch = 1): Item {
  const known = status === "sent" ? { file: `f-${id}`, version: "v1" } : { file: null, version: null };
  const rest = { size: 1, went: 0, perSecond: 0, left: null, words: null, hopeful: true };
  return { id, batch, name: id, status, ...rest, ...known };
}

function files(states: Record<string, State>) {
  const now = "2026-11-21T12:00:00Z";
  return new Map(
    Object.entries(states).map(([id, state]) => {
      const file = { id: `f-${id}`, name: id, version: "v1", state, attempt: 1, received_at: now, updated_at: now };
      return [file.id, { file, seen: [], last: null }];
    }),
  );
}

const names = (items: Item[]) => items.map(({ id }) => id).join(" ");

test("what was taken last comes first, a short list keeps its order otherwise", () => {
  const items = [item("a", "sent"), item("b", "sending"), item("c", "waiting", 2), item("d", "failed", 2)];
  expect(names(inOrder(items, new Map()))).toBe("c d a b");
});

test("in a long list what needs somebody comes first, and what was refused after it was sent", () => {
  const sent = ["a", "b", "c", "d", "e", "f"].map((id) => item(id, "sent"));
  const items = [...sent, item("g", "sending"), item("h", "waiting"), item("i", "failed")];
  const known = files({ a: "succeeded", b: "processing", c: "rejected", d: "failed" });
  expect(names(inOrder(items, known))).toBe("i c d g h a b e f");
});

test("what has become of them is one line", () => {
  const items = [...["a", "b", "c", "d"].map((id) => item(id, "sent")), item("e", "paused")];
  const known = files({ a: "succeeded", b: "succeeded", c: "rejected", d: "scanning" });
  expect(became(items, known)).toBe("5 files · 2 done · 1 rejected · 1 under way · 1 not sent");
});

test("a file that was sent before is not awaited", () => {
  const known = files({ a: "succeeded", c: "succeeded" });
  const shown = { ...item("c", "before"), file: "f-c", version: "v1" };
  expect(became([item("a", "sent"), item("b", "before"), shown], known)).toBe("3 files · 2 done · 1 sent before");
});

test("of a file that was sent anew under the same name, an older version says nothing", () => {
  const again = { ...item("a", "sent"), version: "v2" };
  expect(became([again, item("b", "sent")], files({ a: "rejected", b: "succeeded" }))).toBe(
    "2 files · 1 done · 1 under way",
  );
});
