// @vitest-environment node
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";

const MOST_BYTES = 200_000;

let files: Map<string, string | Uint8Array>;

beforeAll(async () => {
  const built = (await build({ logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
  files = new Map(built.output.map((each) => [each.fileName, each.type === "chunk" ? each.code : each.source]));
}, 60_000);

test("the scripts are small", () => {
  const scripts = [...files].filter(([name]) => name.endsWith(".js"));
  expect(scripts).not.toHaveLength(0);
  const size = scripts.reduce((sum, [, code]) => sum + gzipSync(code, { level: 9 }).length, 0);
  expect(size).toBeLessThan(MOST_BYTES);
});

test("the page is one script: a tab that is open while a new one is put up needs nothing that is gone", () => {
  expect([...files.keys()].filter((name) => name.endsWith(".js"))).toHaveLength(1);
});

test("what a strict policy forbids is not in the page: inline scripts and styles, code from text, other origins", () => {
  const html = String(files.get("index.html"));
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\/[^/]/);
  for (const [name, code] of files) {
    if (name.endsWith(".js")) expect(String(code)).not.toMatch(/\beval\(|new Function\(/);
    if (name.endsWith(".css")) expect(String(code)).not.toMatch(/@import|url\(["']?https?:/);
  }
});

test("scripts and styles are named by their content, so that they can be kept for a year", () => {
  for (const name of files.keys()) {
    if (/\.(js|css)$/.test(name)) expect(name).toMatch(/^assets\/.+-[\w-]{8}\.(js|css)$/);
  }
});
