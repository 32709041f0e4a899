import { useEffect } from "react";
import { useItems, useWatched, useWorld } from "../context.ts";
import { FileRow } from "../files/file_row.tsx";
import { bytes, counted, span } from "../format.ts";
import type { Watched } from "../live/watch.ts";
import { announce } from "../ui/announce.tsx";
import { Button } from "../ui/button.tsx";
import { useMore } from "../ui/more.tsx";
import { useTitle } from "../ui/title.ts";
import { ofPaste } from "./chosen.ts";
import { DropZone } from "./drop_zone.tsx";
import { type Item, totals, underWay } from "./item.ts";
import { ItemRow } from "./item_row.tsx";
import { became, inOrder, matching } from "./sent.ts";

/** Where files are sent, and where what was sent is followed to its end. */
export function SendView() {
  const { queue } = useWorld();
  const items = useItems();
  const watched = useWatched();
  const sums = totals(items);
  const busy = underWay(items);
  useTitle(busy && sums.bytes > 0 ? `${Math.floor((sums.went / sums.bytes) * 100)} % sent` : "Send");

  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const found = event.clipboardData ? ofPaste(event.clipboardData) : [];
      if (found.length === 0) return;
      event.preventDefault();
      queue.add(found);
      announce(`${counted(found.length, "file")} pasted`);
    };
    window.addEventListener("paste", paste);
    return () => window.removeEventListener("paste", paste);
  }, [queue]);

  const mine = new Set(items.flatMap((each) => (each.file ? [each.file] : [])));
  const others = [...watched.values()]
    .filter(({ file }) => !mine.has(file.id))
    .sort((a, b) => b.file.received_at.localeCompare(a.file.received_at));
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Send files</h1>
      <DropZone />
      {items.length > 0 && <Sending items={items} watched={watched} />}
      {others.length > 0 && <Others watched={others} />}
      {items.length === 0 && others.length === 0 && (
        <p className="mt-10 text-sm text-soft">
          What you send appears here and can be followed to its end. Earlier ones are under{" "}
          <a href="#/files" className="font-medium text-accent underline underline-offset-4">
            Files
          </a>
          .
        </p>
      )}
    </>
  );
}

function Sending({ items, watched }: { items: readonly Item[]; watched: ReadonlyMap<string, Watched> }) {
  const { queue } = useWorld();
  const sums = totals(items);
  const busy = underWay(items);
  const finished = items.every((each) => each.status === "sent" || each.status === "before");
  const list = useMore(inOrder(items, watched), 40, "file");
  const paused = items.some((each) => each.status === "paused");
  return (
    <section aria-labelledby="sending" className="mt-10">
      <div className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-2">
        <h2 id="sending" className="text-lg font-semibold">
          {busy ? "Sending" : finished ? "Sent from here" : "Not finished"}
        </h2>
        {busy && (
          <p className="text-sm text-soft">
            {sums.files > 1 && `${sums.finished} of ${counted(sums.files, "file")} · `}
            {bytes(sums.went)} of {bytes(sums.bytes)}
            {sums.perSecond > 0 && ` · ${bytes(sums.perSecond)}/s`}
            {sums.left !== null && ` · ${span(sums.left)} left`}
          </p>
        )}
        {!busy && items.length > 1 && <p className="text-sm text-soft">{became(items, watched)}</p>}
        <div className="ml-auto flex gap-2">
          {busy && items.length > 1 && (
            <Button look="quiet" icon="pause" onClick={() => queue.pauseAll()}>
              Pause all
            </Button>
          )}
          {paused && items.length > 1 && (
            <Button look="quiet" icon="play" onClick={() => queue.resumeAll()}>
              Go on with all
            </Button>
          )}
          {items.some((each) => each.status === "sent" || each.status === "before") && !busy && (
            <Button look="quiet" onClick={() => queue.dismissSent()}>
              Clear the list
            </Button>
          )}
        </div>
      </div>
      <ul className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
        {list.shown.map((item) => (
          <li key={item.id}>
            <ItemRow item={item} watched={matching(item, watched)} />
          </li>
        ))}
      </ul>
      {list.more}
    </section>
  );
}

function Others({ watched }: { watched: Watched[] }) {
  const list = useMore(watched, 20, "file");
  return (
    <section aria-labelledby="others" className="mt-10">
      <h2 id="others" className="text-lg font-semibold">
        Lately
      </h2>
      <ul className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
        {list.shown.map((each) => (
          <li key={each.file.id}>
            <FileRow watched={each} />
          </li>
        ))}
      </ul>
      {list.more}
    </section>
  );
}
