import { createContext, useContext, useSyncExternalStore } from "react";
import type { Session } from "./access/session.ts";
import type { Api, Me } from "./api/client.ts";
import type { Config } from "./config.ts";
import type { Watch } from "./live/watch.ts";
import { type Route, read } from "./routing.ts";
import type { Queue } from "./uploads/queue.ts";

/** What every part of the page may use, once somebody is there. */
export interface World {
  config: Config;
  session: Session;
  api: Api;
  me: Me;
  queue: Queue;
  watch: Watch;
}

const Context = createContext<World | null>(null);

export const WorldOf = Context.Provider;

export function useWorld(): World {
  const world = useContext(Context);
  if (!world) throw new Error("used outside of a world");
  return world;
}

export function useItems() {
  const { queue } = useWorld();
  return useSyncExternalStore(queue.follow, queue.items);
}

export function useWatched() {
  const { watch } = useWorld();
  return useSyncExternalStore(watch.follow, watch.files);
}

function followHash(hear: () => void): () => void {
  window.addEventListener("hashchange", hear);
  return () => window.removeEventListener("hashchange", hear);
}

export function useRoute(): Route {
  return read(useSyncExternalStore(followHash, () => location.hash));
}
