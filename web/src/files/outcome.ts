/** How a file has ended, and what to do about it, in a person's words. */

import type { File_ } from "../api/client.ts";
import { counted, took } from "../format.ts";
import { doing, ENDED } from "../live/stages.ts";

export type Tone = "calm" | "good" | "warn" | "bad";

export function tone(file: File_): Tone {
  switch (file.state) {
    case "succeeded":
      return (file.rejected ?? 0) > 0 ? "warn" : "good";
    case "rejected":
    case "failed":
      return "bad";
    default:
      return "calm";
  }
}

/** One line: where it is, or how it has ended. */
export function outcome(file: File_): string {
  if (!ENDED.has(file.state)) {
    return file.attempt > 1 ? `${doing(file)} · attempt ${file.attempt}` : doing(file);
  }
  if (file.state === "rejected") return `Rejected: ${file.reason ?? "it cannot be processed."}`;
  if (file.state === "failed") return `Failed: ${ofUs(file.reason) ?? "something went wrong on our side."}`;
  const said = ["Done"];
  const archive = file.kind === "zip";
  if (file.accepted !== undefined && hasRecords(file)) said.push(counted(file.accepted, "record"));
  if (file.rejected) {
    said.push(
      archive ? `${counted(file.rejected, "member")} left out` : `${counted(file.rejected, "record")} set aside`,
    );
  }
  const seconds = duration(file);
  if (seconds !== null) said.push(`in ${took(seconds)}`);
  return said.join(" · ");
}

/** How it has ended, without why: where the reason stands beside it. */
export function ending(file: File_): string {
  const seconds = duration(file);
  const bad = file.state === "rejected" || file.state === "failed";
  if (!bad) return outcome(file);
  return seconds === null ? stateName(file.state) : `${stateName(file.state)} after ${took(seconds)}`;
}

/** Files that hold records are counted by them; an image is one thing. */
export function hasRecords(file: File_): boolean {
  return file.kind !== undefined && !["image", "other", "pdf", "text", "zip"].includes(file.kind);
}

/** Seconds from its arrival to its end. */
export function duration(file: File_): number | null {
  return file.ended_at ? Math.max(0, (Date.parse(file.ended_at) - Date.parse(file.received_at)) / 1000) : null;
}

/** What went wrong, as a heading: a file's own fault is said as it is; ours as far as it says something. */
export function trouble(file: File_): string {
  if (file.state === "failed") return sentence(ofUs(file.reason) ?? "Something went wrong on our side");
  return sentence(file.reason ?? "It cannot be processed");
}

/** What went wrong outside of a file; `null` for the name of an error, which says nothing to a person. */
export function ofUs(reason: string | undefined): string | null {
  return reason === undefined || /^[A-Za-z][\w.]*(:|$)/.test(reason) ? null : reason;
}

/** With a capital at its beginning and a full stop at its end: reasons come as parts of sentences, too. */
export function sentence(text: string): string {
  const said = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(said) ? said : `${said}.`;
}

/** What one can do now. */
export function advice(file: File_, operator: boolean): string | null {
  switch (file.state) {
    case "rejected":
      return "Nothing was made of it. The same file ends the same way again, unless it was damaged on its way here. Correct it and send it again; under the same name it takes the place of this one.";
    case "failed":
      return operator
        ? "The file is kept. Process it once more; if it fails again, the runbook of the failed-files alarm says where to look."
        : "This is not the file's fault, and it is not lost. Whoever runs this has been told and can process it once more. Sending it again works too.";
    default:
      return null;
  }
}

const KINDS: Record<string, string> = {
  csv: "Table (CSV)",
  jsonl: "JSON lines",
  recipe: "Recipes (JSON)",
  image: "Image",
  zip: "ZIP archive",
  pdf: "PDF document",
  text: "Text",
  other: "File",
};

export function kindName({ kind, state }: File_): string {
  if (kind) return KINDS[kind] ?? kind;
  return ENDED.has(state) ? "Unknown" : "Not looked at yet";
}

const STATES = {
  received: "Received",
  scanning: "Scanning",
  processing: "Processing",
  succeeded: "Done",
  rejected: "Rejected",
  failed: "Failed",
  // These stand in the ledger only, of an older file of the same name.
  deleting: "Deletion asked for",
  deleted: "Deleted",
} as const;

export function stateName(state: keyof typeof STATES): string {
  return STATES[state];
}
