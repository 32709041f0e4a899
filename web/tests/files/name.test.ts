import { expect, test } from "vitest";
import { nameFor, shown } from "../../src/files/name.ts";

test("a name is shown without what turns or hides it", () => {
  expect(shown("\u202egnp.csv")).toBe("\ufffdgnp.csv");
  expect(shown("a\nb\u0007\u2066.csv")).toBe("a\ufffdb\ufffd\ufffd.csv");
  expect(shown("ä/日本 e\u0301 👩‍🔬.csv")).toBe("ä/日本 e\u0301 👩‍🔬.csv");
});

test("the folder that all files are in is left out, but not for operators", () => {
  expect(nameFor("acme/a.csv", { folder: "acme", operator: false })).toBe("a.csv");
  expect(nameFor("acme/a.csv", { folder: "acme", operator: true })).toBe("acme/a.csv");
});
