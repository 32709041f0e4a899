import { type DragEvent, useEffect, useRef, useState } from "react";
import { useWorld } from "../context.ts";
import { bytes, counted } from "../format.ts";
import { announce } from "../ui/announce.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icons.tsx";
import { type Chosen, ofEvent, pick } from "./chosen.ts";

/** Takes files by drop, anywhere on the page, and by two buttons. */
export function DropZone() {
  const { queue, me } = useWorld();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);

  const take = (found: Chosen[]) => {
    if (found.length === 0) return;
    queue.add(found);
    announce(`${counted(found.length, "file")} taken`);
  };

  useEffect(() => {
    // Entering and leaving are told for every element on the way.
    let depth = 0;
    const holdsFiles = (event: Event) => (event as unknown as DragEvent).dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: Event) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: Event) => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hold = (event: Event) => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const drop = (event: Event) => {
      depth = 0;
      setOver(false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      void ofEvent(event).then((found) => {
        queue.add(found);
        announce(found.length ? `${counted(found.length, "file")} taken` : "Nothing was in it");
      });
    };
    const all = { dragenter: enter, dragleave: leave, dragover: hold, drop };
    for (const [name, hear] of Object.entries(all)) window.addEventListener(name, hear);
    return () => {
      for (const [name, hear] of Object.entries(all)) window.removeEventListener(name, hear);
    };
  }, [queue]);

  const choose = async () => {
    const found = await pick();
    if (found === null) files.current?.click();
    else take(found);
  };

  return (
    <div
      className={`mt-6 flex flex-col items-center rounded-card border-2 border-dashed px-6 py-8 text-center transition-colors sm:py-10 ${
        over ? "border-accent bg-accent-wash" : "border-line bg-surface"
      }`}
    >
      <span className={`flex size-14 items-center justify-center rounded-full bg-accent-wash text-accent`}>
        <Icon name="upload" className="size-6" />
      </span>
      <p className="mt-4 text-lg font-medium">
        {over ? (
          "Let go to send"
        ) : (
          <span className="hidden sm:inline">Drop files or folders anywhere on this page</span>
        )}
        {!over && <span className="sm:hidden">Choose what to send</span>}
      </p>
      <div className="mt-5 flex flex-wrap justify-center gap-2">
        <Button look="main" icon="file" onClick={() => void choose()}>
          Choose files
        </Button>
        <span className="hidden sm:inline-flex">
          <Button icon="folder" onClick={() => folder.current?.click()}>
            Choose a folder
          </Button>
        </span>
      </div>
      <p className="mt-5 text-sm text-soft">
        Tables, recipes, images, archives or anything else, up to {bytes(me.max_file_bytes)} each
      </p>
      <input
        ref={files}
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files to send"
        data-testid="files"
        className="sr-only"
        onChange={(event) => {
          const input = event.currentTarget;
          void ofEvent(event.nativeEvent).then((found) => {
            take(found);
            // The same file can then be chosen once more.
            input.value = "";
          });
        }}
      />
      <input
        ref={folder}
        type="file"
        tabIndex={-1}
        aria-label="Folder to send"
        className="sr-only"
        {...{ webkitdirectory: "" }}
        onChange={(event) => {
          const input = event.currentTarget;
          void ofEvent(event.nativeEvent).then((found) => {
            take(found);
            input.value = "";
          });
        }}
      />
    </div>
  );
}
