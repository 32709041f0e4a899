/** What is said to those who listen instead of looking. */

import { useSyncExternalStore } from "react";

let said = "";
const heard = new Set<() => void>();

/** Says something when the reader has a moment. The same twice is said twice. */
export function announce(text: string): void {
  said = said === text ? `${text}\u00a0` : text;
  for (const hear of heard) hear();
}

function follow(hear: () => void): () => void {
  heard.add(hear);
  return () => heard.delete(hear);
}

export function Announcer() {
  const text = useSyncExternalStore(follow, () => said);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
