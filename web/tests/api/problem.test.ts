// @vitest-environment node
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Problem, Trouble, words } from "../../src/api/problem.ts";

function said(status: number, details: object = {}, headers: Record<string, string> = {}): string {
  const { title, text } = words(new Problem(status, details, new Headers(headers)));
  return `${title}: ${text}`;
}

test.each([
  [400, { errors: [{ detail: "size is missing." }, { detail: "name is empty." }] }, "size is missing. name is empty."],
  [400, { detail: "No such parameter." }, "No such parameter."],
  [401, {}, "Sign in again."],
  [403, { detail: "Deleting is switched off." }, "Deleting is switched off."],
  [404, { detail: "internal words" }, "There is no such file, or it belongs to somebody else."],
  [409, { detail: "Parts 3 and 4 are missing." }, "Parts 3 and 4 are missing."],
  [410, { detail: "Malware was found in the file." }, "Malware was found in the file."],
  [412, {}, "It has changed meanwhile"],
  [429, {}, "Too many requests"],
  [500, { detail: "KeyError: 'x'" }, "Nothing of yours is lost."],
  [502, {}, "Try again in a moment."],
])("%i %o is said so that a person can act", (status, details, expected) => {
  expect(said(status, details)).toContain(expected);
});

test("what a server says of itself is not shown", () => {
  expect(said(500, { detail: "KeyError: 'x'" })).not.toContain("KeyError");
});

test("how long to wait is said", () => {
  expect(said(429, {}, { "Retry-After": "31" })).toContain("Try again in 31 seconds.");
});

test("there is something to tell whoever runs it", () => {
  const problem = new Problem(500, {}, new Headers({ "X-Correlation-Id": "abc" }));
  expect(words(problem).reference).toBe("abc");
});

test("a body that is no object is a problem all the same", () => {
  expect(said(502, "<html>" as unknown as object)).toContain("trouble");
});

test("a lost network and what the browser says have words too", () => {
  expect(words(new TypeError("Failed to fetch")).title).toBe("No connection");
  expect(words(new Trouble("The file is gone", "Choose it again."))).toEqual({
    title: "The file is gone",
    text: "Choose it again.",
  });
  expect(words("odd").text).toBe("odd");
});

test("every refusal of the API is said in words of its own", () => {
  const source = readFileSync(new URL("../../../runtime/api/problems.py", import.meta.url), "utf8");
  const statuses = [...source.matchAll(/refusals\.\w+: \((\d{3}),/g)].map(([, status]) => Number(status));
  expect(statuses.length).toBeGreaterThan(8);
  for (const status of statuses) {
    const { title, text } = words(new Problem(status, {}, new Headers()));
    expect(title, `${status}`).not.toBe("That did not work");
    expect(text, `${status}`).toMatch(/^[A-Z].+\.$/);
  }
});
