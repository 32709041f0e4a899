import { useRef, useState } from "react";
import { useWorld } from "../context.ts";
import { FileRow } from "../files/file_row.tsx";
import { shown } from "../files/name.ts";
import { bytes, span } from "../format.ts";
import type { Watched } from "../live/watch.ts";
import { Button, IconButton } from "../ui/button.tsx";
import { Row, RowName } from "../ui/row.tsx";
import { ofEvent, pick } from "./chosen.ts";
import type { Item } from "./item.ts";

/** One file on its way up; once it is there, the same row shows what becomes of it. */
export function ItemRow({ item, watched }: { item: Item; watched: Watched | null }) {
  const { queue } = useWorld();
  if (watched) {
    return <FileRow watched={watched} before={item.status === "before"} onAgain={() => queue.sendAgain(item.id)} />;
  }
  const share = item.size > 0 ? item.went / item.size : item.status === "sent" ? 1 : 0;
  return (
    <Row
      name={<RowName name={shown(item.name)} />}
      status={<Said item={item} />}
      tone={item.status === "failed" ? "bad" : item.status === "choose" || item.status === "allow" ? "warn" : "calm"}
      actions={<Actions item={item} />}
    >
      <progress
        className="block h-1.5 w-full"
        max={1}
        value={share}
        aria-label={`${item.name}, sent`}
        aria-valuetext={`${Math.floor(share * 100)} percent`}
      />
    </Row>
  );
}

function Said({ item }: { item: Item }) {
  const part = `${bytes(item.went)} of ${bytes(item.size)}`;
  switch (item.status) {
    case "waiting":
      return `${bytes(item.size)} · waiting its turn`;
    case "starting":
      return `${bytes(item.size)} · starting`;
    case "sending":
      return (
        <>
          {part}
          {item.perSecond > 0 && ` · ${bytes(item.perSecond)}/s`}
          {item.left !== null && ` · ${span(item.left)} left`}
        </>
      );
    case "finishing":
      return `${bytes(item.size)} · putting it together`;
    case "paused":
      return `${part} · paused`;
    case "signed-out":
      return `${part} · waits until you are signed in again`;
    case "choose":
      return `Not complete. Choose ${item.name.split("/").at(-1)} (${bytes(item.size)}) again, and it goes on where it was.`;
    case "allow":
      return "Not complete. Your browser asks before it reads the file again.";
    case "failed":
      return item.words ? `${item.words.title}. ${item.words.text}` : "It did not work.";
    case "before":
      return `${bytes(item.size)} · this very file was sent before`;
    case "sent":
      return `${bytes(item.size)} · sent, processing begins`;
  }
}

function Actions({ item }: { item: Item }) {
  const { queue } = useWorld();
  const name = item.name.split("/").at(-1);
  const cancel = <CancelButton item={item} />;
  switch (item.status) {
    case "waiting":
    case "starting":
    case "sending":
      return (
        <>
          <IconButton icon="pause" label={`Pause ${name}`} onClick={() => queue.pause(item.id)} />
          {cancel}
        </>
      );
    case "paused":
      return (
        <>
          <IconButton icon="play" label={`Go on with ${name}`} onClick={() => queue.resume(item.id)} />
          {cancel}
        </>
      );
    case "allow":
      return (
        <>
          <Button look="main" onClick={() => void queue.allow(item.id)}>
            Go on
          </Button>
          {cancel}
        </>
      );
    case "choose":
      return (
        <>
          <ChooseButton name={name ?? item.name} />
          {cancel}
        </>
      );
    case "failed":
      return (
        <>
          {item.hopeful && (
            <Button icon="again" onClick={() => queue.resume(item.id)}>
              Try again
            </Button>
          )}
          {cancel}
        </>
      );
    case "before":
      return (
        <>
          {item.file && (
            <a
              href={`#/files/${item.file}`}
              className="px-2 text-sm font-medium text-accent underline underline-offset-4"
            >
              Show it
            </a>
          )}
          <Button onClick={() => queue.sendAgain(item.id)}>Send again</Button>
          <IconButton icon="close" label={`Take ${name} out of the list`} onClick={() => queue.dismiss(item.id)} />
        </>
      );
    default:
      return null;
  }
}

/** Asks once more when something has gone already: giving it up cannot be undone. */
function CancelButton({ item }: { item: Item }) {
  const { queue } = useWorld();
  const [asked, setAsked] = useState(false);
  const name = item.name.split("/").at(-1);
  if (asked) {
    return (
      <Button look="danger" autoFocus onBlur={() => setAsked(false)} onClick={() => void queue.cancel(item.id)}>
        Give it up?
      </Button>
    );
  }
  const lost = item.went > 0 || item.status === "choose" || item.status === "allow";
  return (
    <IconButton
      icon="close"
      label={`Cancel ${name}`}
      onClick={() => (lost ? setAsked(true) : void queue.cancel(item.id))}
    />
  );
}

function ChooseButton({ name }: { name: string }) {
  const { queue } = useWorld();
  const input = useRef<HTMLInputElement>(null);
  const choose = async () => {
    const found = await pick(false);
    if (found === null) input.current?.click();
    else queue.add(found);
  };
  return (
    <>
      <Button look="main" onClick={() => void choose()}>
        Choose it
      </Button>
      <input
        ref={input}
        type="file"
        tabIndex={-1}
        aria-label={`Choose ${name} again`}
        className="sr-only"
        onChange={(event) => void ofEvent(event.nativeEvent).then((found) => queue.add(found))}
      />
    </>
  );
}
