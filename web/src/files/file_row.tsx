import { useEffect, useRef } from "react";
import { got } from "../api/client.ts";
import { words } from "../api/problem.ts";
import { useWorld } from "../context.ts";
import { ENDED, steps } from "../live/stages.ts";
import type { Watched } from "../live/watch.ts";
import { write } from "../routing.ts";
import { announce } from "../ui/announce.tsx";
import { Button, IconButton } from "../ui/button.tsx";
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
      if (archive) location.assign(archive.url);
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
            <>
              <span className="hidden sm:inline-flex">
                <Button
                  icon="download"
                  onClick={() => void download()}
                  aria-label={`Download what was made of ${name}`}
                >
                  Download
                </Button>
              </span>
              <span className="sm:hidden">
                <IconButton
                  icon="download"
                  label={`Download what was made of ${name}`}
                  onClick={() => void download()}
                />
              </span>
            </>
          )}
        </>
      }
    >
      <StepLine steps={steps(file, last)} />
    </Row>
  );
}
