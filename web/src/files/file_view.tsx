import { useEffect, useState } from "react";
import { fresh, type Schemas } from "../api/client.ts";
import { useWatched, useWorld } from "../context.ts";
import { bytes, count, exact, took, when } from "../format.ts";
import { ENDED } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import { type Answer, useAnswer } from "../ui/answer.ts";
import { Button } from "../ui/button.tsx";
import { Copy } from "../ui/copy.tsx";
import { Icon } from "../ui/icons.tsx";
import { Failure, Notice } from "../ui/notice.tsx";
import { useTitle } from "../ui/title.ts";
import { Bone } from "../ui/waiting.tsx";
import { History } from "./history.tsx";
import { nameFor } from "./name.ts";
import { Delete, Redrive } from "./operate.tsx";
import { advice, duration, hasRecords, kindName, outcome, stateName, tone, trouble } from "./outcome.ts";
import { Results } from "./results.tsx";
import { Timeline } from "./timeline.tsx";

interface Whole {
  data: Schemas["FileWithLedger"];
  etag: string | null;
}

/** A file that the list of what is under way does not hold (it was received long ago) is looked at by itself. */
const ALONE_MS = 2000;

/** One file: where it is, what was made of it, what has happened to it. */
export function FileView({ id }: { id: string }) {
  const { api, watch } = useWorld();
  const watched = useWatched().get(id) ?? null;
  const live = watched ? `${watched.file.updated_at} ${watched.file.state} ${watched.file.stage ?? ""}` : "";
  const answer = useAnswer<Whole>(id, async (signal) => {
    const found = await fresh(api.GET("/files/{file}", { params: { path: { file: id } }, cache: "no-store", signal }));
    if (!found) throw new Error("The answer was empty.");
    watch.track(found.data.file);
    return found;
  });
  const { reload } = answer;
  // The list has told that something has changed: the ledger has grown.
  useEffect(() => {
    if (live) reload();
  }, [live, reload]);
  const [awaited, setAwaited] = useState(0);
  const file = answer.data?.data.file;
  const alone = file !== undefined && (file.attempt < awaited || (!ENDED.has(file.state) && !watch.covers(file)));
  useEffect(() => {
    if (!alone) return;
    const timer = setInterval(() => document.visibilityState === "visible" && reload(), ALONE_MS);
    return () => clearInterval(timer);
  }, [alone, reload]);

  return (
    <>
      <a
        href="#/files"
        className="inline-flex min-h-10 items-center gap-1.5 rounded text-sm font-medium text-soft hover:text-ink"
      >
        <Icon name="back" className="size-4" />
        Files
      </a>
      {answer.data ? (
        <Known whole={answer.data} watched={watched} reload={reload} onRedriven={setAwaited} />
      ) : answer.error !== null ? (
        <div className="mt-4">
          <Failure error={answer.error} actions={<Button onClick={reload}>Try again</Button>} />
        </div>
      ) : (
        <Bones />
      )}
    </>
  );
}

const BADGES = {
  calm: "bg-sunken text-ink",
  good: "bg-accent-wash text-accent",
  warn: "bg-accent-wash text-accent",
  bad: "bg-bad-wash text-bad",
};

interface KnownProps {
  whole: Whole;
  watched: Watched | null;
  reload: Answer<Whole>["reload"];
  /** A new attempt was asked for; it is this one. */
  onRedriven: (attempt: number) => void;
}

function Known({ whole, watched, reload, onRedriven }: KnownProps) {
  const { me } = useWorld();
  const { ledger } = whole.data;
  const told = whole.data.file;
  const file = watched && watched.file.updated_at >= told.updated_at ? watched.file : told;
  const name = nameFor(file.name, me);
  const short = name.split("/").at(-1) ?? name;
  useTitle(short);
  const said = advice(file, me.operator);
  return (
    <article aria-labelledby="name">
      <header className="mt-2 flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1">
          <h1 id="name" className="text-2xl font-semibold tracking-tight wrap-anywhere sm:text-3xl">
            {short}
          </h1>
          {short !== name && (
            <p className="mt-1 text-sm text-soft wrap-anywhere">in {name.slice(0, -short.length - 1)}</p>
          )}
        </div>
        <span
          className={`mt-1 inline-flex items-center rounded-full px-3 py-1 text-sm font-medium ${BADGES[tone(file)]}`}
        >
          {stateName(file.state)}
        </span>
      </header>

      <div className="mt-6 rounded-card border border-line bg-surface p-5">
        <p className="sr-only" aria-live="polite">
          {outcome(file)}
        </p>
        <Timeline file={file} ledger={ledger} watched={watched} />
      </div>

      {said && (
        <div className="mt-4">
          <Notice look="bad" title={trouble(file)}>
            <p>{said}</p>
          </Notice>
        </div>
      )}
      {me.operator && file.state === "failed" && <Redrive file={file} reload={reload} onRedriven={onRedriven} />}

      <dl className="mt-6 grid grid-cols-2 gap-x-6 gap-y-5 sm:grid-cols-4">
        <Fact name="Kind">{kindName(file)}</Fact>
        <Fact name="Size">{file.size === undefined ? "–" : bytes(file.size)}</Fact>
        <Fact name="Received">
          <time dateTime={file.received_at} title={exact(file.received_at)}>
            {when(file.received_at)}
          </time>
        </Fact>
        <Fact name="Took">{duration(file) === null ? "–" : took(duration(file) ?? 0)}</Fact>
        {hasRecords(file) && file.accepted !== undefined && <Fact name="Records taken">{count(file.accepted)}</Fact>}
        {hasRecords(file) && file.rejected !== undefined && <Fact name="Set aside">{count(file.rejected)}</Fact>}
        {file.attempt > 1 && <Fact name="Attempt">{count(file.attempt)}</Fact>}
        {file.sha256 && (
          <div className="col-span-2 min-w-0">
            <dt className="text-sm text-soft">SHA-256</dt>
            <dd className="mt-0.5 flex items-center gap-1">
              <code className="min-w-0 truncate font-mono text-sm" title={file.sha256}>
                {file.sha256}
              </code>
              <Copy small text={() => file.sha256 ?? ""} label="Copy the checksum" what="Checksum" />
            </dd>
          </div>
        )}
      </dl>

      {file.state === "succeeded" && <Results file={file} />}
      <History ledger={ledger} file={file} operator={me.operator} />
      {me.may_delete && ENDED.has(file.state) && <Delete file={file} etag={whole.etag} reload={reload} />}
    </article>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-soft">{name}</dt>
      <dd className="mt-0.5 font-medium wrap-anywhere">{children}</dd>
    </div>
  );
}

function Bones() {
  return (
    <div role="status" aria-label="Loading the file" className="mt-2">
      <Bone className="h-9 w-72 max-w-full" />
      <Bone className="mt-6 h-24 w-full rounded-card" />
      <div className="mt-6 grid grid-cols-2 gap-6 sm:grid-cols-4">
        {["a", "b", "c", "d"].map((each) => (
          <Bone key={each} className="h-10" />
        ))}
      </div>
    </div>
  );
}
