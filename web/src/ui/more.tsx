import { type ReactNode, useState } from "react";
import { counted } from "../format.ts";
import { Button } from "./button.tsx";

/** The first of a long list, and a button for more of it. */
export function useMore<T>(all: T[], step: number, one: string): { shown: T[]; more: ReactNode } {
  const [most, setMost] = useState(step);
  const rest = all.length - most;
  const more = rest > 0 && (
    <div className="mt-3 flex items-center gap-3 text-sm text-soft">
      <span>and {counted(rest, `more ${one}`, `more ${one}s`)}</span>
      <Button look="quiet" onClick={() => setMost(most + step * 5)}>
        Show more
      </Button>
    </div>
  );
  return { shown: all.slice(0, most), more };
}
