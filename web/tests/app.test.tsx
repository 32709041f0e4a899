import "fake-indexeddb/auto";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { App } from "../src/app.tsx";
import { NotTaken } from "../src/uploads/again.ts";
import type { Put } from "../src/uploads/put.ts";
import { FakeApi, FOLDER, idOf, json } from "./fake_api.ts";

let server: FakeApi;

const put: Put = async (url, _headers, body, went) => {
  const status = await server.store(url, new Uint8Array(await body.arrayBuffer()));
  if (status !== 200) throw new NotTaken(status, "");
  went(body.size);
};

const CONFIG = { api: "/api", sign_in: null, max_file_bytes: 5e9, version: "1" };

beforeEach(() => {
  server = new FakeApi();
  sessionStorage.clear();
  localStorage.clear();
  globalThis.indexedDB = new IDBFactory();
  window.history.replaceState(null, "", "/");
  vi.stubGlobal("scrollTo", () => undefined);
  vi.stubGlobal("fetch", (input: RequestInfo | URL) =>
    String(input) === "/config.json" ? Promise.resolve(json(CONFIG)) : server.fetch(input),
  );
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function open(hash = `#key=secret-key`): void {
  window.history.replaceState(null, "", `/${hash}`);
  render(<App put={put} />);
}

function go(hash: string): void {
  location.hash = hash;
}

test("without a key it asks for one in plain words; a wrong one is said, a right one lets in", async () => {
  const user = userEvent.setup();
  open("");
  const field = await screen.findByLabelText("Your access key");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Continue" }).disabled).toBe(true);
  await user.type(field, "wrong{Enter}");
  expect((await screen.findByRole("alert")).textContent).toContain("That key is not known here");
  await user.clear(screen.getByLabelText("Your access key"));
  await user.type(screen.getByLabelText("Your access key"), "secret-key{Enter}");
  expect(await screen.findByRole("heading", { name: "Send files" })).toBeDefined();
});

test("a key in the address lets in, and stands there no longer", async () => {
  open();
  await screen.findByRole("heading", { name: "Send files" });
  expect(location.href).not.toContain("secret-key");
  expect(server.asked.every((each) => each.headers.get("Authorization") === "Bearer secret-key")).toBe(true);
});

test("a file is chosen, sent, and followed to its end", async () => {
  const user = userEvent.setup();
  open();
  const input = await screen.findByLabelText("Files to send");
  await user.upload(input, new File(["a,b\n1,2\n3,4\n"], "orders.csv"));
  const row = await screen.findByRole("link", { name: "orders.csv" });
  expect(row.getAttribute("href")).toBe(`#/files/${idOf(`${FOLDER}/orders.csv`)}`);
  server.change({ name: `${FOLDER}/orders.csv`, state: "processing", stage: "archiving" });
  await screen.findByText("Packing the archive", undefined, { timeout: 2000 });
  const ended = new Date(Date.now() + 2000).toISOString();
  server.change({ name: `${FOLDER}/orders.csv`, state: "succeeded", kind: "csv", accepted: 2, ended_at: ended });
  await screen.findByText(/^Done · 2 records/, undefined, { timeout: 2000 });
  expect(screen.getByRole("status").textContent).toContain("orders.csv: Done");
  expect(screen.getByRole("button", { name: "Download what was made of orders.csv" })).toBeDefined();
});

test("a rejection says why and what to do", async () => {
  const reason = "A quote in the header, the first line of the file, is never closed.";
  server.change({ name: "demo/broken.csv", state: "rejected", reason });
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${idOf("demo/broken.csv")}`);
  await screen.findByRole("heading", { name: "broken.csv" });
  expect(screen.getByText(reason)).toBeDefined();
  expect(screen.getByText(/Correct it and send it again/)).toBeDefined();
  expect(screen.queryByRole("button", { name: /once more/ })).toBeNull();
});

test("results: first rows with types, what was set aside, links with checksums", async () => {
  const id = idOf("demo/a.csv");
  server.change({ name: "demo/a.csv", state: "succeeded", kind: "csv", accepted: 2, rejected: 1 });
  server.previews.set(id, {
    columns: [{ name: "id", type: "BIGINT" }, { name: "city" }],
    rows: [
      ["1", "Oslo"],
      ["2", ""],
    ],
    rejects: [{ line: 4, reason: "1 field instead of 2", raw: "x" }],
  });
  server.links.set(id, [
    {
      role: "archive",
      name: "a.zip",
      url: "/archives/a.zip?Signature=s",
      size: 10,
      sha256: "ab".repeat(32),
      expires_at: new Date(Date.now() + 3_600_000).toISOString(),
    },
  ]);
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${id}`);
  const table = await screen.findByRole("table");
  expect(within(table).getByRole("columnheader", { name: "id whole number" })).toBeDefined();
  expect(within(table).getAllByRole("row")).toHaveLength(3);
  expect(screen.getByText("1 field instead of 2")).toBeDefined();
  expect(screen.getByText("Line 4")).toBeDefined();
  const link = await screen.findByRole("link", { name: "Download a.zip" });
  expect(link.getAttribute("href")).toBe("/archives/a.zip?Signature=s");
  expect(link.dataset.sha256).toBe("ab".repeat(32));
});

test("an archive shows what it holds: members lead to their files, what was left out says why", async () => {
  const id = idOf("demo/parcel.zip");
  server.change({ name: "demo/parcel.zip", state: "succeeded", kind: "zip", accepted: 1, rejected: 1 });
  server.previews.set(id, {
    columns: ["n", "name", "status", "size", "file", "reason"].map((name) => ({ name })),
    rows: [
      ["1", "inner/a.csv", "taken", "2048", "demo/parcel.zip/ab/inner/a.csv", ""],
      ["2", "../up.txt", "refused", "9", "null", "its name leads out of the archive"],
    ],
    rejects: [],
  });
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${id}`);
  await screen.findByRole("heading", { name: "Contents" });
  const link = screen.getByRole("link", { name: "inner/a.csv" });
  expect(link.getAttribute("href")).toBe(`#/files/${idOf("demo/parcel.zip/ab/inner/a.csv")}`);
  expect(screen.getAllByText(/Done · 1 member left out/)).not.toHaveLength(0);
  expect(screen.getByText("Left out: its name leads out of the archive")).toBeDefined();
  expect(screen.queryByRole("link", { name: "../up.txt" })).toBeNull();
});

test("a document shows its first page and what is known of it", async () => {
  const id = idOf("demo/report.pdf");
  server.change({ name: "demo/report.pdf", state: "succeeded", kind: "pdf" });
  server.previews.set(id, { columns: [], rows: [], rejects: [] });
  const link = { role: "preview", name: "report-preview.webp", url: "https://d/p.webp", size: 9 };
  server.links.set(id, [{ ...link, expires_at: new Date(Date.now() + 3_600_000).toISOString() }]);
  const known = { pages: 1200, width: 595, height: 842, title: "Tides", javascript: true, embedded_files: 0 };
  server.results.set(id, { summary: { ...known, sizes: { preview: { width: 724, height: 1024, bytes: 9 } } } });
  open("#key=secret-key");
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${id}`);
  await screen.findByRole("heading", { name: "First page" });
  expect((await screen.findByRole("img", { name: /^report.pdf/ })).getAttribute("src")).toBe("https://d/p.webp");
  const shown = [...document.querySelectorAll("#about ~ dl > div")].map((each) => each.textContent);
  expect(shown).toEqual(["pages1,200", "page size210 × 297 mm", "titleTides", "scriptsYes"]);
});

test("a text shows its first lines and how long it is", async () => {
  const id = idOf("demo/notes.txt");
  server.change({ name: "demo/notes.txt", state: "succeeded", kind: "text" });
  server.previews.set(id, { columns: [], rows: [], rejects: [], text: "Dear Ada,\n  yours" });
  server.results.set(id, { summary: { encoding: "utf-8", lines: 2, words: 3, longest_line: 9 } });
  open("#key=secret-key");
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${id}`);
  await screen.findByRole("heading", { name: "First lines" });
  expect(document.querySelector("pre")?.textContent).toBe("Dear Ada,\n  yours");
  const shown = [...document.querySelectorAll("#about ~ dl > div")].map((each) => each.textContent);
  expect(shown).toEqual(["lines2", "words3", "longest line9 letters", "encodingUTF-8"]);
});

test("a failure is not blamed on the file, and what broke is told to operators only", async () => {
  server.change({ name: "demo/a.csv", state: "failed", reason: "KeyError: 'x'" });
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${idOf("demo/a.csv")}`);
  await screen.findByText("Something went wrong on our side.");
  expect(document.body.textContent).not.toContain("KeyError");
});

test("the list is searched within one's folder, filtered and paged", async () => {
  const user = userEvent.setup();
  for (let each = 10; each < 70; each++) {
    const received_at = new Date(Date.now() - each * 3_600_000).toISOString();
    server.change({ name: `demo/2026/${each}.csv`, state: "succeeded", received_at });
  }
  server.change({ name: "demo/old.csv", state: "failed", reason: "It stopped.", received_at: "2026-01-01T00:00:00Z" });
  open("#key=secret-key");
  await screen.findByRole("heading", { name: "Send files" });
  go("#/files");
  expect(await screen.findAllByRole("link", { name: /\.csv$/ })).toHaveLength(50);
  await user.click(screen.getByRole("button", { name: "Show older ones" }));
  await waitFor(() => expect(screen.getAllByRole("link", { name: /\.csv$/ })).toHaveLength(61));

  await user.type(screen.getByRole("searchbox"), "2026/1");
  await waitFor(() => expect(screen.getAllByRole("link", { name: /\.csv$/ })).toHaveLength(10), { timeout: 2000 });
  expect(location.hash).toBe("#/files?prefix=2026%2F1");
  await user.click(screen.getByRole("link", { name: "Failed" }));
  await screen.findByText("No file is like that");
  await user.click(screen.getByRole("link", { name: "Show all files" }));
  await waitFor(() => expect(screen.getAllByRole("link", { name: /\.csv$/ })).toHaveLength(50));
  expect(screen.getByRole<HTMLInputElement>("searchbox").value).toBe("");
});

test("a file is deleted after a second word, and is in no list any more", async () => {
  const user = userEvent.setup();
  server.me = { ...server.me, may_delete: true };
  server.change({ name: "demo/kept.csv", state: "succeeded" });
  const file = server.change({ name: "demo/gone.csv", state: "succeeded" });
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${file.id}`);
  await user.click(await screen.findByRole("button", { name: "Delete…" }));
  const sure = screen.getByRole("button", { name: "Delete it and all results" });
  expect(document.activeElement).toBe(sure);
  await user.click(screen.getByRole("button", { name: "Keep it" }));
  expect(server.files.has(file.id)).toBe(true);
  await user.click(screen.getByRole("button", { name: "Delete…" }));
  await user.keyboard("{Enter}");
  await screen.findByRole("link", { name: /kept\.csv/ });
  expect(location.hash).toBe("#/files");
  expect(screen.queryByRole("link", { name: /gone\.csv/ })).toBeNull();
  expect(server.files.has(file.id)).toBe(false);
});

test("an operator sees whole names and can process a failed file once more", async () => {
  const user = userEvent.setup();
  server.me = { ...server.me, operator: true, folder: "ops" };
  // Long before what the list of files under way goes back to.
  server.change({ name: "other/a.csv", state: "failed", reason: "It stopped.", received_at: "2026-01-01T00:00:00Z" });
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go("#/files");
  await user.click(await screen.findByRole("link", { name: "other/a.csv" }));
  await user.click(await screen.findByRole("button", { name: "Process it once more" }));
  await screen.findAllByText(/Received, about to start/);
  server.change({ name: "other/a.csv", state: "succeeded", attempt: 2 });
  await screen.findAllByText(/^Done/, undefined, { timeout: 4000 });
  expect(server.files.get(idOf("other/a.csv"))?.attempt).toBe(2);
});

test("what cannot be had is said, with a way on", async () => {
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go(`#/files/${idOf("demo/nothing.csv")}`);
  expect((await screen.findByRole("alert")).textContent).toContain("There is no such file");
  go("#/odd");
  await screen.findByText("There is nothing here");
});

test("when the key is refused in the middle, it is said and what is there stays", async () => {
  open();
  await screen.findByRole("heading", { name: "Send files" });
  server.key = "another";
  go("#/files");
  await screen.findByText("Your sign-in has run out");
  expect(screen.getByRole("heading", { name: "Files" })).toBeDefined();
});

test("after a change of place the keyboard goes on at its beginning, and the tab has its name", async () => {
  open();
  await screen.findByRole("heading", { name: "Send files" });
  go("#/files");
  await screen.findByRole("heading", { name: "Files" });
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("main")));
  expect(document.title).toBe("Files · Penstock");
});

test("closing the tab is asked about while something is sent, and only then", async () => {
  const user = userEvent.setup();
  const held = Promise.withResolvers<void>();
  const slow: Put = (...all) => held.promise.then(() => put(...all));
  window.history.replaceState(null, "", "/#key=secret-key");
  render(<App put={slow} />);
  await user.upload(await screen.findByLabelText("Files to send"), new File(["abc"], "a.txt"));
  await screen.findByRole("button", { name: "Pause a.txt" });
  const leave = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  expect(leave()).toBe(true);
  held.resolve();
  await waitFor(() => expect(leave()).toBe(false));
});

test("settings that cannot be read are said, and nothing else is shown", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(json({ api: "/api" })));
  open();
  expect((await screen.findByRole("alert")).textContent).toContain("lack api, max_file_bytes or version");
});
