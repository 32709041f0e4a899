// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

test("the lock file holds checksums and no registry's address", () => {
  const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));
  const { "": _self, ...packages } = lock.packages as Record<string, { resolved?: string; integrity?: string }>;
  expect(Object.keys(packages)).not.toHaveLength(0);
  expect(Object.entries(packages).filter(([, entry]) => entry.resolved)).toEqual([]);
  expect(Object.entries(packages).filter(([, entry]) => !entry.integrity)).toEqual([]);
});
