// @vitest-environment node
import { expect, test } from "vitest";
import { readable, sizes, warnings } from "../src/files/result.ts";
import { bytes, counted, span, took, when } from "../src/format.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [4_812_331, "4.8 MB"],
  [99_960_000, "100 MB"],
  [999_600, "1 MB"],
  [5_000_000_000, "5 GB"],
])("%i bytes are %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test.each([
  [0.2, "under 1 s"],
  [59, "59 s"],
  [150, "3 min"],
  [3600, "1 h"],
  [7900, "2 h 12 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(span(seconds)).toBe(text);
});

test("small things", () => {
  expect(counted(1, "row")).toBe("1 row");
  expect(counted(1200, "row")).toBe("1,200 rows");
  expect(took(0.84)).toBe("0.8 s");
  const now = new Date("2026-11-03T14:05:00");
  expect(when("2026-11-03T14:04:50", now)).toBe("just now");
  expect(when("2026-11-03T13:40:00", now)).toBe("25 min ago");
  expect(when("2026-11-03T09:03:00", now)).toBe("today, 09:03");
  expect(when("2025-12-24T09:03:00", now)).toBe("24 Dec 2025, 09:03");
});

test("what is read of result.json, and what is not there is not missed", () => {
  const result = {
    summary: {
      sizes: { thumbnail: { width: 2, height: 1, bytes: 9 }, web: { width: 20, height: 10 }, odd: "x" },
      warnings: ["It is named oddly.", 3],
    },
  };
  expect(sizes(result).map(({ role, bytes: size }) => [role, size])).toEqual([
    ["web", null],
    ["thumbnail", 9],
  ]);
  expect(warnings(result)).toEqual(["It is named oddly."]);
  expect(sizes(null)).toEqual([]);
  expect(warnings({ summary: [] })).toEqual([]);
});

test("sums are in units that people use", () => {
  expect(readable({ milligrams: 84_000_000, steps: 1822, unpacked_bytes: 1_200_000 })).toEqual([
    { name: "kilograms", value: "84" },
    { name: "steps", value: "1,822" },
    { name: "unpacked", value: "1.2 MB" },
  ]);
});
