import { useCallback, useEffect, useRef, useState } from "react";

export interface Answer<T> {
  data: T | null;
  error: unknown;
  /** The first answer is still to come. */
  loading: boolean;
  reload: () => void;
}

interface Found<T> {
  what: string | null;
  data: T | null;
  error: unknown;
}

const NOTHING = { what: null, data: null, error: null };

/**
 * Asks when `what` changes, and again on `reload`. What was there stays while the same `what` is asked again, so that
 * nothing jumps; `null` asks nothing.
 */
export function useAnswer<T>(what: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [found, setFound] = useState<Found<T>>(NOTHING);
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (what === null) {
      setFound(NOTHING);
      return;
    }
    const stop = new AbortController();
    latest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setFound({ what, data, error: null }),
      (error) =>
        !stop.signal.aborted &&
        setFound((before) => ({ what, data: before.what === what ? before.data : null, error })),
    );
    return () => stop.abort();
  }, [what, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  const current = found.what === what && what !== null;
  return {
    data: current ? found.data : null,
    error: current ? found.error : null,
    loading: what !== null && !current,
    reload,
  };
}
