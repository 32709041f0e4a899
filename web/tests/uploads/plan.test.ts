// @vitest-environment node
import { expect, test } from "vitest";
import { missing, parts } from "../../src/uploads/plan.ts";

test.each([
  [0, 8, 1],
  [1, 8, 1],
  [8, 8, 1],
  [9, 8, 2],
  [5_000_000_000, 8 * 1024 ** 2, 597],
])("%i bytes in parts of %i are %i parts that cover every byte once", (size, partBytes, expected) => {
  const all = parts(size, partBytes);
  expect(all).toHaveLength(expected);
  let at = 0;
  for (const [index, part] of all.entries()) {
    expect(part.number).toBe(index + 1);
    expect(part.start).toBe(at);
    expect(part.end - part.start).toBeLessThanOrEqual(partBytes);
    at = part.end;
  }
  expect(at).toBe(size);
  for (const part of all.slice(0, -1)) expect(part.end - part.start).toBe(partBytes);
});

test.each([
  [-1, 8],
  [1.5, 8],
  [8, 0],
])("%d bytes cannot be cut into parts of %d", (size, partBytes) => {
  expect(() => parts(size, partBytes)).toThrow(RangeError);
});

test("a part that has arrived whole is not missing, one that was cut off is", () => {
  const all = parts(20, 8);
  const arrived = [
    { number: 1, size: 8 },
    { number: 2, size: 7 },
    { number: 9, size: 8 },
  ];
  expect(missing(all, arrived).map((part) => part.number)).toEqual([2, 3]);
});
