/** What the page reads of `result.json`; its kinds say more, and newer ones may say it otherwise. */

import { bytes, count, counted } from "../format.ts";

export interface Size {
  role: string;
  width: number;
  height: number;
  bytes: number | null;
}

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The sizes of an image, largest first. */
export function sizes(result: unknown): Size[] {
  return Object.entries(object(object(object(result).summary).sizes))
    .flatMap(([role, value]) => {
      const { width, height, bytes } = object(value);
      if (typeof width !== "number" || typeof height !== "number") return [];
      return [{ role, width, height, bytes: typeof bytes === "number" ? bytes : null }];
    })
    .sort((a, b) => b.width * b.height - a.width * a.height);
}

/** Sentences that the processor has for the uploader. */
export function warnings(result: unknown): string[] {
  const found = object(object(result).summary).warnings;
  return Array.isArray(found) ? found.filter((each): each is string => typeof each === "string") : [];
}

const MM_OF_A_POINT = 25.4 / 72;

type Show = (value: unknown, summary: Json) => string | null;

const number: Show = (value) => (typeof value === "number" ? count(value) : null);
const words: Show = (value) => (typeof value === "string" && value ? value : null);
const yes: Show = (value) => (value === true ? "Yes" : null);

/** Members of the summary that are shown, by kind, each with its name and how. */
const FACTS: Record<string, [member: string, name: string, show: Show][]> = {
  pdf: [
    ["pages", "pages", number],
    ["width", "page size", pageSize],
    ["title", "title", words],
    ["author", "author", words],
    ["created", "written", (value) => words(value, {})?.replace("T", " ") ?? null],
    ["encrypted", "locked", yes],
    ["javascript", "scripts", yes],
    ["embedded_files", "embedded files", (value) => (value ? number(value, {}) : null)],
  ],
  text: [
    ["lines", "lines", number],
    ["words", "words", number],
    ["letters", "letters", number],
    ["longest_line", "longest line", (value) => (typeof value === "number" ? counted(value, "letter") : null)],
    ["encoding", "encoding", (value) => words(value, {})?.toUpperCase() ?? null],
  ],
};

function pageSize(width: unknown, { height }: Json): string | null {
  if (typeof width !== "number" || typeof height !== "number") return null;
  return `${[width, height].map((points) => count(Math.round(points * MM_OF_A_POINT))).join(" × ")} mm`;
}

/** What is known of a document or a text. */
export function facts(result: unknown, kind: string | undefined): { name: string; value: string }[] {
  const summary = object(object(result).summary);
  return (FACTS[kind ?? ""] ?? []).flatMap(([member, name, show]) => {
    const value = show(summary[member], summary);
    return value === null ? [] : [{ name, value }];
  });
}

const NAMES: Record<string, string> = {
  milligrams: "kilograms",
  microlitres: "litres",
  piece_thousandths: "pieces",
  minutes: "minutes of work",
};

/** Parts of a whole, which a person reads in whole ones. */
const SCALES: Record<string, number> = { milligrams: 1e6, microlitres: 1e6, piece_thousandths: 1e3 };

/** Sums with names and in units that people use. */
export function readable(totals: Record<string, number>): { name: string; value: string }[] {
  return Object.entries(totals).map(([name, value]) => {
    const size = /^(.+)_bytes$/.exec(name)?.[1];
    if (size) return { name: size.replaceAll("_", " "), value: bytes(value) };
    return {
      name: NAMES[name] ?? name.replaceAll("_", " "),
      value: (value / (SCALES[name] ?? 1)).toLocaleString("en", { maximumFractionDigits: 1 }),
    };
  });
}
