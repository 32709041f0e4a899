import type { File_, Schemas } from "../api/client.ts";
import { exact } from "../format.ts";
import { ofUs, stateName } from "./outcome.ts";

interface Props {
  ledger: Schemas["FileWithLedger"]["ledger"];
  file: File_;
  /** Reads names of errors, too. */
  operator: boolean;
}

/** The ledger: every state that a version of the file has had. */
export function History({ ledger, file, operator }: Props) {
  if (ledger.length === 0) return null;
  const versions = [...new Set(ledger.map((entry) => entry.version))];
  return (
    <section aria-labelledby="history" className="mt-10">
      <h2 id="history" className="text-lg font-semibold">
        History
      </h2>
      <ol className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
        {[...ledger].reverse().map((entry) => {
          const reason = entry.state === "failed" && !operator ? ofUs(entry.reason) : entry.reason;
          return (
            <li
              key={`${entry.version} ${entry.attempt} ${entry.state} ${entry.at}`}
              className="flex flex-wrap gap-x-4 gap-y-0.5 px-4 py-3 text-sm sm:px-5"
            >
              <time dateTime={entry.at} className="w-full shrink-0 text-soft sm:w-60">
                {exact(entry.at)}
              </time>
              <span className="w-full min-w-0 sm:w-auto sm:flex-1">
                <span className="font-medium">{stateName(entry.state)}</span>
                {entry.attempt > 1 && <span className="text-soft"> · attempt {entry.attempt}</span>}
                {versions.length > 1 && (
                  <span className="text-soft">
                    {" "}
                    · version {versions.indexOf(entry.version) + 1} of {versions.length}
                    {entry.version === file.version ? ", this one" : ""}
                  </span>
                )}
                {entry.by && <span className="text-soft"> · by {entry.by}</span>}
                {reason && <span className="mt-0.5 block text-soft wrap-anywhere">{reason}</span>}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
