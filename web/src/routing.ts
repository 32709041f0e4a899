/** The page's places: what stands after `#`. */

import type { components } from "./api/schema.d.ts";

export type State = components["schemas"]["State"];

export const STATES = [
  "received",
  "scanning",
  "processing",
  "succeeded",
  "rejected",
  "failed",
] as const satisfies State[];

export type Route =
  | { at: "send" }
  | { at: "files"; state: State | null; prefix: string }
  | { at: "file"; id: string }
  | { at: "nowhere" };

/** Where an address leads; `hash` with or without its `#`. */
export function read(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  if (path === "" || path === "/") {
    return { at: "send" };
  }
  if (path === "/files") {
    const asked = new URLSearchParams(query);
    const state = STATES.find((each) => each === asked.get("state")) ?? null;
    return { at: "files", state, prefix: asked.get("prefix") ?? "" };
  }
  const file = /^\/files\/([A-Za-z0-9_-]{2,1368})$/.exec(path);
  return file?.[1] ? { at: "file", id: file[1] } : { at: "nowhere" };
}

/** The address of a place, with its `#`. */
export function write(route: Route): string {
  switch (route.at) {
    case "files": {
      const asked = new URLSearchParams();
      if (route.state) asked.set("state", route.state);
      if (route.prefix) asked.set("prefix", route.prefix);
      return asked.size ? `#/files?${asked}` : "#/files";
    }
    case "file":
      return `#/files/${route.id}`;
    default:
      return "#/";
  }
}
