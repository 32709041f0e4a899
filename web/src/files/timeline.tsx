import type { File_, Schemas } from "../api/client.ts";
import { clock } from "../format.ts";
import { doing, ENDED, type Step, type StepName, steps } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import { Icon } from "../ui/icons.tsx";
import { ending } from "./outcome.ts";

type Ledger = Schemas["FileWithLedger"]["ledger"];

const DOTS = {
  done: "bg-accent text-accent-ink",
  now: "bg-accent-wash text-accent ring-2 ring-accent animate-pulse",
  ahead: "bg-line text-transparent",
  stopped: "bg-bad-wash text-bad ring-2 ring-bad",
};

/** The way of a file, step by step: across on a wide screen, downwards on a phone. */
export function Timeline({ file, ledger, watched }: { file: File_; ledger: Ledger; watched: Watched | null }) {
  const last = furthest(watched?.last ?? null, passed(ledger, file, "processing"));
  const all = steps(file, last);
  const ended = ENDED.has(file.state);
  return (
    <>
      <ol className="flex flex-col gap-3 sm:flex-row sm:gap-0">
        {all.map((step, index) => (
          <li key={step.name} className="relative flex flex-1 items-center gap-3 sm:flex-col sm:gap-2">
            {index > 0 && (
              <span
                aria-hidden="true"
                className={`absolute bottom-1/2 left-3 hidden h-0.5 w-full -translate-x-1/2 sm:top-3 sm:right-1/2 sm:left-auto sm:block sm:w-[calc(100%-2.25rem)] sm:translate-x-[-1.125rem] ${
                  step.standing === "ahead" ? "bg-line" : "bg-accent"
                }`}
              />
            )}
            <span
              aria-hidden="true"
              className={`z-1 flex size-6 shrink-0 items-center justify-center rounded-full transition-colors duration-300 ${DOTS[step.standing]}`}
            >
              {step.standing === "done" && <Icon name="check" className="size-4" />}
              {step.standing === "stopped" && <Icon name="close" className="size-3.5" />}
            </span>
            <span className="text-sm sm:text-center">
              <span className={step.standing === "ahead" ? "text-soft" : "font-medium"}>{step.label}</span>
              <span className="sr-only">{SAID[step.standing]}</span>
              <time className="ml-2 text-xs text-soft sm:ml-0 sm:block sm:min-h-4">
                {timeOf(step, ledger, file, watched)}
              </time>
            </span>
          </li>
        ))}
      </ol>
      <p className={`mt-4 border-t border-line pt-4 text-sm ${ended ? "text-soft" : "font-medium text-accent"}`}>
        {ended ? ending(file) : doing(file)}
      </p>
    </>
  );
}

const SAID = { done: ": done", now: ": now", ahead: ": still to come", stopped: ": it stopped here" };

function passed(ledger: Ledger, file: File_, state: string): boolean {
  return ledger.some((entry) => entry.version === file.version && entry.state === state);
}

/** The last step before the end: this page may have looked away while it was taken, the ledger has not. */
function furthest(seen: StepName | null, begun: boolean): StepName | null {
  const early = seen === null || seen === "received" || seen === "checked";
  return early ? (begun ? "processed" : (seen ?? "checked")) : seen;
}

/** When a step was seen, if it was: by the ledger, or by this page while it looked on. */
function timeOf(step: Step, ledger: Ledger, file: File_, watched: Watched | null): string {
  if (step.standing === "ahead") return "";
  if (step.name === "received") return clock(file.received_at);
  if (step.name === "published" && file.state === "succeeded" && file.ended_at) return clock(file.ended_at);
  const mine = ledger.filter((entry) => entry.version === file.version && entry.attempt === file.attempt);
  const state = step.name === "checked" ? "scanning" : step.name === "processed" ? "processing" : null;
  const entry = mine.find((each) => each.state === state);
  if (entry) return clock(entry.at);
  const seen = watched?.seen.find(({ stage }) => STAGE_OF[stage] === step.name);
  return seen ? clock(seen.at) : "";
}

const STAGE_OF: Record<string, string> = {
  planning: "processed",
  processing: "processed",
  developing: "processed",
  merging: "merged",
  archiving: "packed",
  publishing: "published",
};
