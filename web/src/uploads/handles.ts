/** Handles of files, which some browsers give and keep: a file is found again without being chosen again. */

interface Asked extends FileSystemFileHandle {
  queryPermission?(what: { mode: "read" }): Promise<PermissionState>;
  requestPermission?(what: { mode: "read" }): Promise<PermissionState>;
}

/** Whether the person can be asked for leave to read it. */
export async function mayBeAsked(handle: Asked): Promise<boolean> {
  return (await handle.queryPermission?.({ mode: "read" })) === "prompt";
}

/** The same file as it was, or `null`. With `ask` the browser may ask the person: only from a click. */
export async function reread(
  handle: Asked,
  of: { size: number; modified: number },
  ask: boolean,
): Promise<File | null> {
  const want = { mode: "read" } as const;
  try {
    const state = ask ? await handle.requestPermission?.(want) : await handle.queryPermission?.(want);
    if (state !== "granted") return null;
    const file = await handle.getFile();
    return file.size === of.size && file.lastModified === of.modified ? file : null;
  } catch {
    return null;
  }
}
