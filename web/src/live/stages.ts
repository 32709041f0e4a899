/** The way of a file, as a person sees it: a row of steps, and where it stands. */

import type { File_ } from "../api/client.ts";
import type { State } from "../routing.ts";

export type StepName = "received" | "checked" | "processed" | "merged" | "packed" | "published";
export type Standing = "done" | "now" | "ahead" | "stopped";

export interface Step {
  name: StepName;
  label: string;
  standing: Standing;
  /** What is done in it now. */
  doing?: string;
}

export const ENDED: ReadonlySet<State> = new Set(["succeeded", "rejected", "failed"]);

const LABELS: Record<StepName, string> = {
  received: "Received",
  checked: "Checked",
  processed: "Processed",
  merged: "Merged",
  packed: "Packed",
  published: "Published",
};

/** The pipeline's stages, and in which step they are. */
const STAGES: Record<string, { step: StepName; doing: string }> = {
  starting: { step: "processed", doing: "Starting" },
  planning: { step: "processed", doing: "Finding out what it is" },
  processing: { step: "processed", doing: "Reading its records" },
  developing: { step: "processed", doing: "Making its sizes" },
  merging: { step: "merged", doing: "Joining the groups" },
  archiving: { step: "packed", doing: "Packing the archive" },
  publishing: { step: "published", doing: "Publishing" },
};

type Standpoint = Pick<File_, "state" | "stage" | "groups" | "kind">;

/** What is done with a file in its longest stage, where its kind has words of its own. */
const READING: Record<string, string> = {
  zip: "Opening the archive",
  recipe: "Reading its recipes",
  pdf: "Reading its pages",
  text: "Reading its text",
  other: "Reading it",
};

/** Where a file is, in words; of one that has ended, how. */
export function doing(file: Standpoint): string {
  switch (file.state) {
    case "received":
      return "Received, about to start";
    case "scanning":
      return "Scanning for malware";
    case "succeeded":
      return "Done";
    case "rejected":
      return "Rejected";
    case "failed":
      return "Failed";
    default: {
      const stage = file.stage ?? "starting";
      const own = stage === "processing" ? READING[file.kind ?? ""] : undefined;
      const found = own ?? STAGES[stage]?.doing ?? "Processing";
      const groups = file.groups ?? 0;
      return stage === "processing" && groups > 1 ? `${found}, in ${groups.toLocaleString("en")} groups` : found;
    }
  }
}

export function stepOf(file: Pick<File_, "state" | "stage">): StepName {
  if (file.state === "received") return "received";
  if (file.state === "scanning") return "checked";
  return STAGES[file.stage ?? "starting"]?.step ?? "processed";
}

/** The steps in order. `last` is the step in which one that did not succeed was seen last; most end by their content. */
export function steps(file: Standpoint, last: StepName | null = null): Step[] {
  const large = (file.groups ?? 0) > 1 || file.stage === "merging";
  const names = (Object.keys(LABELS) as StepName[]).filter((name) => name !== "merged" || large);
  const ended = ENDED.has(file.state);
  const at = file.state === "succeeded" ? names.length : names.indexOf(ended ? (last ?? "processed") : stepOf(file));
  return names.map((name, index) => {
    const standing: Standing = index < at ? "done" : index > at ? "ahead" : ended ? "stopped" : "now";
    return standing === "now"
      ? { name, label: LABELS[name], standing, doing: doing(file) }
      : { name, label: LABELS[name], standing };
  });
}
