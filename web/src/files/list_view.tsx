import { useEffect, useRef, useState } from "react";
import { type File_, got } from "../api/client.ts";
import { useWatched, useWorld } from "../context.ts";
import { bytes, exact, when } from "../format.ts";
import { ENDED, steps } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import { read, STATES, type State, write } from "../routing.ts";
import { useAnswer } from "../ui/answer.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { Failure } from "../ui/notice.tsx";
import { RowName } from "../ui/row.tsx";
import { useTitle } from "../ui/title.ts";
import { Bone } from "../ui/waiting.tsx";
import { nameFor } from "./name.ts";
import { outcome, stateName, tone } from "./outcome.ts";
import { StepLine } from "./steps.tsx";

interface Asked {
  state: State | null;
  /** As it was typed: without the caller's own folder. */
  prefix: string;
}

/** A page that the API has filtered to nothing says nothing; so many are passed over. */
const EMPTY_PAGES = 5;

/** Everything that was ever sent, newest first. */
export function ListView({ state, prefix }: Asked) {
  useTitle("Files");
  const { me } = useWorld();
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Files</h1>
      <div className="mt-6 space-y-3">
        <Search state={state} prefix={prefix} />
        <States state={state} prefix={prefix} />
      </div>
      {me.operator && !prefix && <p className="mt-4 text-sm text-soft">You see the files of all folders.</p>}
      <List key={`${state ?? ""}|${prefix}`} state={state} prefix={prefix} />
    </>
  );
}

function Search({ state, prefix }: Asked) {
  const { me } = useWorld();
  const [typed, setTyped] = useState(prefix);
  const applied = useRef(prefix);
  useEffect(() => {
    // Changed by a link or by going back, not by typing.
    if (applied.current !== prefix) setTyped(prefix);
    applied.current = prefix;
  }, [prefix]);
  useEffect(() => {
    if (typed === prefix) return;
    const timer = setTimeout(() => {
      // Not a step of the history for each letter.
      if (read(location.hash).at !== "files") return;
      applied.current = typed;
      location.replace(write({ at: "files", state, prefix: typed }));
    }, 300);
    return () => clearTimeout(timer);
  }, [typed, prefix, state]);
  return (
    <label className="relative block">
      <span className="sr-only">Names that begin with</span>
      <Icon name="search" className="pointer-events-none absolute top-1/2 left-3 size-4.5 -translate-y-1/2 text-soft" />
      <input
        type="search"
        value={typed}
        maxLength={400}
        spellCheck={false}
        autoComplete="off"
        placeholder={me.operator ? "Folder and beginning of the name" : "Beginning of the name"}
        onChange={(event) => setTyped(event.target.value)}
        className="block min-h-11 w-full rounded-lg border border-edge bg-surface pr-3 pl-10 text-base placeholder:text-soft sm:text-sm"
      />
    </label>
  );
}

function States({ state, prefix }: Asked) {
  const choices = [
    null,
    "succeeded",
    "rejected",
    "failed",
    ...STATES.filter((each) => !ENDED.has(each)).reverse(),
  ] as const;
  return (
    <nav aria-label="By state" className="-mx-4 overflow-x-auto px-4 sm:mx-0 sm:px-0">
      <ul className="flex gap-1.5 py-1">
        {choices.map((each) => (
          <li key={each ?? "all"}>
            <a
              href={write({ at: "files", state: each, prefix })}
              aria-current={each === state ? "true" : undefined}
              className={`inline-flex min-h-10 items-center rounded-full border px-3.5 text-sm whitespace-nowrap transition-colors sm:min-h-8 ${
                each === state
                  ? "border-accent bg-accent-wash font-medium text-accent"
                  : "border-line bg-surface text-soft hover:border-edge hover:text-ink"
              }`}
            >
              {each ? stateName(each) : "All"}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function List({ state, prefix }: Asked) {
  const { api, me, watch } = useWorld();
  const watched = useWatched();
  const whole = !prefix || me.operator ? prefix : `${me.folder}/${prefix}`;
  const page = async (cursor: string | undefined, signal?: AbortSignal) => {
    const files: File_[] = [];
    let next = cursor;
    for (let asked = 0; asked === 0 || (files.length === 0 && next && asked < EMPTY_PAGES); asked++) {
      const query = {
        limit: 50,
        ...(next ? { cursor: next } : {}),
        ...(state ? { state } : {}),
        ...(whole ? { prefix: whole } : {}),
      };
      const found = await got(api.GET("/files", { params: { query }, ...(signal ? { signal } : {}) }));
      files.push(...found.files);
      next = found.next;
    }
    for (const file of files) watch.track(file);
    return { files, next };
  };
  const first = useAnswer("first", (signal) => page(undefined, signal));
  const [more, setMore] = useState<{ files: File_[]; next: string | undefined } | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  if (first.error !== null && !first.data) {
    return (
      <div className="mt-6">
        <Failure error={first.error} actions={<Button onClick={first.reload}>Try again</Button>} />
      </div>
    );
  }
  if (!first.data) return <Bones />;

  const next = more ? more.next : first.data.next;
  const loadMore = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      const found = await page(next);
      setMore((before) => ({ files: [...(before?.files ?? []), ...found.files], next: found.next }));
    } catch (error) {
      setTrouble(error);
    } finally {
      setBusy(false);
    }
  };
  const listed = [...first.data.files, ...(more?.files ?? [])];
  const rows = merged(listed, watched, (file) => (!state || file.state === state) && file.name.startsWith(whole));
  return (
    <>
      {rows.length > 0 ? (
        <ul className="mt-4 divide-y divide-line rounded-card border border-line bg-surface">
          {rows.map((each) => (
            <li key={each.file.id}>
              <ListRow watched={each} />
            </li>
          ))}
        </ul>
      ) : (
        !next && <Nothing asked={{ state, prefix }} />
      )}
      {trouble !== null && (
        <div className="mt-4">
          <Failure error={trouble} />
        </div>
      )}
      {next && (
        <div className="mt-4 flex justify-center">
          <Button disabled={busy} onClick={() => void loadMore()}>
            {busy ? "Loading…" : "Show older ones"}
          </Button>
        </div>
      )}
    </>
  );
}

/** The list with what is known better by now, and what has come since on top. */
function merged(listed: File_[], watched: ReadonlyMap<string, Watched>, wanted: (file: File_) => boolean): Watched[] {
  const ids = new Set(listed.map((file) => file.id));
  const rows = listed.map((file) => {
    const live = watched.get(file.id);
    return live && live.file.updated_at >= file.updated_at ? live : { file, seen: [], last: null };
  });
  const newest = listed[0]?.received_at ?? "";
  const fresh = [...watched.values()].filter(
    ({ file }) => !ids.has(file.id) && file.received_at >= newest && wanted(file),
  );
  return [...fresh.sort((a, b) => b.file.received_at.localeCompare(a.file.received_at)), ...rows];
}

const TONES = { calm: "text-soft", good: "text-soft", warn: "text-warn", bad: "text-bad" };
const DOTS = { calm: "bg-edge", good: "bg-accent", warn: "bg-warn", bad: "bg-bad" };

function ListRow({ watched: { file, last } }: { watched: Watched }) {
  const { me } = useWorld();
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 px-4 py-3.5 sm:grid-cols-[auto_minmax(0,1fr)_6rem_8.5rem] sm:items-baseline sm:px-5">
      <span aria-hidden="true" className={`mt-2 size-2 rounded-full sm:mt-0 sm:self-center ${DOTS[tone(file)]}`} />
      <div className="min-w-0">
        <RowName name={nameFor(file.name, me)} to={write({ at: "file", id: file.id })} />
        <p className={`mt-0.5 line-clamp-2 text-sm wrap-anywhere ${TONES[tone(file)]}`}>{outcome(file)}</p>
      </div>
      <p className="col-start-2 text-sm text-soft sm:col-start-3 sm:text-right">
        {file.size === undefined ? "" : bytes(file.size)}
        <span className="sm:hidden"> · {when(file.received_at)}</span>
      </p>
      <time
        dateTime={file.received_at}
        title={exact(file.received_at)}
        className="hidden text-right text-sm text-soft sm:block"
      >
        {when(file.received_at)}
      </time>
      {!ENDED.has(file.state) && (
        <div className="col-span-full mt-1">
          <StepLine steps={steps(file, last)} />
        </div>
      )}
    </div>
  );
}

function Nothing({ asked: { state, prefix } }: { asked: Asked }) {
  const filtered = state !== null || prefix !== "";
  return (
    <div className="mt-4 rounded-card border border-dashed border-line px-6 py-16 text-center">
      <p className="text-lg font-medium">{filtered ? "No file is like that" : "No files yet"}</p>
      <p className="mt-1 text-sm text-soft">
        {filtered ? (
          <a href="#/files" className="text-accent underline underline-offset-4">
            Show all files
          </a>
        ) : (
          <>
            <a href="#/" className="text-accent underline underline-offset-4">
              Send the first one
            </a>
            , and see here what became of it.
          </>
        )}
      </p>
    </div>
  );
}

function Bones() {
  return (
    <div
      role="status"
      aria-label="Loading the files"
      className="mt-4 divide-y divide-line rounded-card border border-line bg-surface"
    >
      {[40, 56, 32, 48, 36].map((width) => (
        <div key={width} className="space-y-2 px-5 py-4">
          <Bone className={`h-4 ${width > 45 ? "w-64" : "w-44"} max-w-full`} />
          <Bone className="h-3.5 w-32" />
        </div>
      ))}
    </div>
  );
}
