// @vitest-environment node
import { expect, test } from "vitest";
import { type Route, read, write } from "../src/routing.ts";

const PLACES: Route[] = [
  { at: "send" },
  { at: "files", state: null, prefix: "" },
  { at: "files", state: "failed", prefix: "2026/a b&c" },
  { at: "file", id: "ZGVtby9hLmNzdg" },
];

test.each(PLACES)("%o is found again at its address", (route) => {
  expect(read(write(route))).toEqual(route);
});

test.each([
  ["", { at: "send" }],
  ["#", { at: "send" }],
  ["#/files?state=odd", { at: "files", state: null, prefix: "" }],
  ["#/files/", { at: "nowhere" }],
  ["#/files/a%2Fb", { at: "nowhere" }],
  ["#/other", { at: "nowhere" }],
])("%s leads to %o", (hash, route) => {
  expect(read(hash)).toEqual(route);
});
