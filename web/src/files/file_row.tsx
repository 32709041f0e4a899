import { useEffect, useRef } from "react";
import { got } from "../api/client.ts";
import { words } from "../api/problem.ts";
import { useWorld } from "../context.ts";
import { ENDED, steps } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import { write } from "../routing.ts";
import { announce } from "../ui/announce.tsx";
import { Button } from "../ui/button.tsx";
import { Row, RowName } from "../ui/row.tsx";
import { nameFor } from "./name.ts";
import { outcome, tone } from "./outcome.ts";
import { StepLine } from "./steps.tsx";

interface Props {
  watched: Watched;
  /** It was there before it was sent just now. */
  before?: boolean;
  onAgain?: () => void;
}

/** A file that is processed, or has been. */
export function FileRow({ watched: { file, last }, before = false, onAgain }: Props) {
  const { me, api } = useWorld();
  const name = nameFor(file.name, me);
  const state = useRef(file.state);
  useEffect(() => {
    if (state.current !== file.state && ENDED.has(file.state)) announce(`${name}: ${outcome(file)}`);
    state.current = file.state;
  }, [file, name]);
  const download = async () => {
    try {
      const { links } = await got(api.GET("/files/{file}/links", { params: { path: { file: file.id } } }));
      const archive = links[0];
      if (archive) fetchFrom(archive.url, archive.name);
    } catch (error) {
      announce(words(error).title);
      location.hash = write({ at: "file", id: file.id });
    }
  };
  return (
    <Row
      name={<RowName name={name} to={write({ at: "file", id: file.id })} />}
      status={before ? `Sent before, the very same file · ${outcome(file)}` : outcome(file)}
      tone={tone(file)}
      actions={
        <>
          {before && onAgain && <Button onClick={onAgain}>Send again</Button>}
          {file.state === "succeeded" && (
            <Button icon="download" onClick={() => void download()} aria-label={`Download what was made of ${name}`}>
              <span className="hidden sm:inline">Download</span>
            </Button>
          )}
        </>
      }
    >
      <StepLine steps={steps(file, last)} />
    </Row>
  );
}

/** As a click on a link would: the page stays, and nobody is asked whether to leave it. */
function fetchFrom(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
