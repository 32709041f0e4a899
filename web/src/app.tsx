import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Gate } from "./access/gate.tsx";
import { Session } from "./access/session.ts";
import { bringsKey } from "./access/tokens.ts";
import { type Api, connect, fresh, got, type Me } from "./api/client.ts";
import { type Config, loadConfig } from "./config.ts";
import { type World, WorldOf } from "./context.ts";
import { Watch } from "./live/watch.ts";
import { Shell } from "./shell.tsx";
import { Announcer } from "./ui/announce.tsx";
import { useAnswer } from "./ui/answer.ts";
import { Button } from "./ui/button.tsx";
import { Failure } from "./ui/notice.tsx";
import { Waiting } from "./ui/waiting.tsx";
import { underWay } from "./uploads/item.ts";
import { type Put, put as send } from "./uploads/put.ts";
import { Queue } from "./uploads/queue.ts";

interface Start {
  config: Config;
  session: Session;
  api: Api;
  /** What went wrong on the way back from the sign-in. */
  error: unknown;
  closes: boolean;
}

async function start(): Promise<Start> {
  const config = await loadConfig();
  const session = new Session(config);
  let error: unknown = null;
  let closes = false;
  try {
    closes = (await session.arrive()) === "closes";
  } catch (caught) {
    error = caught;
  }
  return { config, session, api: connect(config.api, session), error, closes };
}

/** `put` sends a part to the store. */
export function App({ put = send }: { put?: Put }) {
  const begun = useRef<Promise<Start> | null>(null);
  const [started, setStarted] = useState<Start | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    // Once for a page, however often React draws: a code and a key are taken from the address one time.
    begun.current ??= start();
    begun.current.then(setStarted, setError);
  }, []);
  useEffect(() => {
    // An address with a key that is opened in this very tab changes no more than what stands behind `#`.
    const look = () => bringsKey() && location.reload();
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  useEffect(() => {
    if (started?.closes) window.close();
  }, [started]);
  return (
    <>
      <Announcer />
      {error !== null ? (
        <Alone>
          <Failure error={error} actions={<Button onClick={() => location.reload()}>Load the page again</Button>} />
        </Alone>
      ) : started === null ? (
        <Waiting />
      ) : started.closes ? (
        <Alone>
          <p>You are signed in. This window can be closed.</p>
        </Alone>
      ) : (
        <Entered start={started} put={put} />
      )}
    </>
  );
}

function Alone({ children }: { children: React.ReactNode }) {
  return <main className="mx-auto max-w-lg px-4 py-16">{children}</main>;
}

function Entered({ start: { config, session, api, error }, put }: { start: Start; put: Put }) {
  const presence = useSyncExternalStore(session.follow, () => session.presence);
  const [inside, setInside] = useState(false);
  const wanted = presence === "somebody" || inside;
  const me = useAnswer<Me>(wanted ? "me" : null, (signal) => got(api.GET("/me", { signal })));
  useEffect(() => setInside(me.data !== null && presence !== "nobody"), [me.data, presence]);
  if (presence === "nobody" || (presence === "over" && !me.data)) {
    return <Gate config={config} session={session} refused={presence === "over"} error={error} />;
  }
  if (me.error !== null && !me.data) {
    return (
      <Alone>
        <Failure
          error={me.error}
          actions={
            <>
              <Button look="main" onClick={me.reload}>
                Try again
              </Button>
              <Button onClick={() => session.leave()}>Use another key</Button>
            </>
          }
        />
      </Alone>
    );
  }
  return me.data ? <Inside config={config} session={session} api={api} me={me.data} put={put} /> : <Waiting />;
}

function Inside({ config, session, api, me, put }: Omit<World, "queue" | "watch"> & { put: Put }) {
  const [world] = useState<World>(() => {
    const watch = new Watch((since, cursor, etag, signal) =>
      fresh(
        api.GET("/files", {
          params: {
            query: { since, limit: 100, ...(cursor ? { cursor } : {}) },
            ...(etag ? { header: { "If-None-Match": etag } } : {}),
          },
          // The page keeps what it has by itself; a browser's cache would answer 200 for what is 304.
          cache: "no-store",
          signal,
        }),
      ),
    );
    const queue = new Queue({
      api,
      put,
      folder: me.folder,
      maxBytes: Math.min(me.max_file_bytes, config.max_file_bytes),
      present: (signal) => session.present(signal),
      onSent: (file) => watch.expect(file),
    });
    session.mayLeave = () => !underWay(queue.items());
    return { config, session, api, me, queue, watch };
  });
  useEffect(() => {
    world.watch.start();
    world.queue.restore().catch(() => {
      // What was under way is shown the next time; new files can be sent all the same.
    });
    const warn = (event: BeforeUnloadEvent) => {
      if (underWay(world.queue.items())) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => {
      window.removeEventListener("beforeunload", warn);
      world.watch.stop();
      world.queue.pauseAll();
    };
  }, [world]);
  return (
    <WorldOf value={world}>
      <Shell />
    </WorldOf>
  );
}
