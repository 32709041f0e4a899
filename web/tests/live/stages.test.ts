// @vitest-environment node
import { expect, test } from "vitest";
import { doing, steps } from "../../src/live/stages.ts";

function standings(...of: Parameters<typeof steps>): string {
  return steps(...of)
    .map((step) => `${step.name}:${step.standing}`)
    .join(" ");
}

test.each([
  [{ state: "received" }, "received:now checked:ahead processed:ahead packed:ahead published:ahead"],
  [{ state: "scanning" }, "received:done checked:now processed:ahead packed:ahead published:ahead"],
  [{ state: "processing", stage: "starting" }, "received:done checked:done processed:now packed:ahead published:ahead"],
  [
    { state: "processing", stage: "developing" },
    "received:done checked:done processed:now packed:ahead published:ahead",
  ],
  [{ state: "processing", stage: "publishing" }, "received:done checked:done processed:done packed:done published:now"],
  [{ state: "succeeded" }, "received:done checked:done processed:done packed:done published:done"],
] as const)("%o", (file, expected) => {
  expect(standings(file)).toBe(expected);
});

test("a large file has a step more", () => {
  const file = { state: "processing", stage: "merging", groups: 7 } as const;
  expect(standings(file)).toBe("received:done checked:done processed:done merged:now packed:ahead published:ahead");
  expect(doing({ ...file, stage: "processing" })).toBe("Reading its records, in 7 groups");
  expect(doing({ state: "processing", stage: "processing", kind: "zip" })).toBe("Opening the archive");
});

test("what has ended badly stopped where it was seen last", () => {
  expect(standings({ state: "rejected" })).toContain("processed:stopped packed:ahead");
  expect(standings({ state: "failed" }, "packed")).toContain("processed:done packed:stopped published:ahead");
});

test("a stage that this page does not know is shown as processing", () => {
  expect(standings({ state: "processing", stage: "blessing" })).toContain("processed:now");
  expect(doing({ state: "processing", stage: "blessing" })).toBe("Processing");
});
