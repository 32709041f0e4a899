/** What a person drops, chooses or pastes, as files with the paths that they have in their folders. */

import { type FileWithPath, fromEvent } from "file-selector";

export interface Chosen {
  file: File;
  /** With `/` between folders, none at the beginning. */
  name: string;
  handle?: FileSystemFileHandle;
}

/** Made by systems, wanted by nobody. */
const LITTER = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

/** The name that a path becomes: no `.` or `..`, one `/` between folders, composed as most keyboards write it. */
export function nameOf(path: string): string {
  return path
    .normalize("NFC")
    .replaceAll("\\", "/")
    .split("/")
    .filter((segment) => segment !== "" && segment !== "." && segment !== "..")
    .join("/");
}

function chosen(file: FileWithPath): Chosen | null {
  const name = nameOf(file.webkitRelativePath || file.path || file.name);
  if (!name || LITTER.has(name.split("/").at(-1) ?? "")) {
    return null;
  }
  return file.handle ? { file, name, handle: file.handle } : { file, name };
}

/** Of a drop or of an input. Has to be called while the event is handled. */
export async function ofEvent(event: Event): Promise<Chosen[]> {
  const found = await fromEvent(event);
  return found.filter((each): each is FileWithPath => each instanceof File).flatMap((file) => chosen(file) ?? []);
}

/** Of the clipboard: files, or a picture that was copied, which has no name of its own. */
export function ofPaste(data: DataTransfer, now: Date = new Date()): Chosen[] {
  return Array.from(data.files, (file) => {
    const unnamed = /^image\.\w+$/.test(file.name);
    const stamp = now.toISOString().slice(0, 19).replaceAll(":", "-");
    return { file, name: unnamed ? `pasted ${stamp}.${file.name.split(".").at(-1)}` : nameOf(file.name) };
  });
}

interface Picker {
  showOpenFilePicker?(options: { multiple: boolean }): Promise<FileSystemFileHandle[]>;
}

/** Asks by the browser's own picker, which gives handles; `null` where there is none. */
export async function pick(multiple = true): Promise<Chosen[] | null> {
  const picker = (window as Picker).showOpenFilePicker;
  if (!picker || !window.isSecureContext) {
    return null;
  }
  try {
    const handles = await picker.call(window, { multiple });
    return await Promise.all(
      handles.map(async (handle) => ({ file: await handle.getFile(), name: nameOf(handle.name), handle })),
    );
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return [];
    throw error;
  }
}
