import { useEffect, useRef, useSyncExternalStore } from "react";
import { useRoute, useWorld } from "./context.ts";
import { FileView } from "./files/file_view.tsx";
import { ListView } from "./files/list_view.tsx";
import type { Route } from "./routing.ts";
import { Button, IconButton } from "./ui/button.tsx";
import { Mark } from "./ui/mark.tsx";
import { Notice } from "./ui/notice.tsx";
import { ThemeSwitch } from "./ui/theme.tsx";
import { SendView } from "./uploads/send_view.tsx";

const PLACES = [
  { name: "Send", to: "#/", at: ["send"] },
  { name: "Files", to: "#/files", at: ["files", "file"] },
] as const;

/** Enough to tell builds apart. */
const VERSION_LETTERS = 8;

export function Shell() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const place = route.at === "file" ? route.id : route.at;
  const first = useRef(true);
  // After a change of place, reading and the keyboard go on at its beginning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is what changes
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [place]);
  return (
    <div className="flex min-h-dvh flex-col">
      <button
        type="button"
        onClick={() => main.current?.focus()}
        className="sr-only focus:not-sr-only focus:absolute focus:z-20 focus:m-2 focus:rounded-lg focus:bg-surface focus:p-3"
      >
        To the content
      </button>
      <Top route={route} />
      <Presence />
      <main ref={main} tabIndex={-1} className="mx-auto w-full max-w-5xl flex-1 px-4 pt-6 pb-20 sm:px-6 sm:pt-10">
        {route.at === "send" && <SendView />}
        {route.at === "files" && <ListView state={route.state} prefix={route.prefix} />}
        {route.at === "file" && <FileView key={route.id} id={route.id} />}
        {route.at === "nowhere" && (
          <Notice title="There is nothing here">
            Perhaps the address was cut off.{" "}
            <a href="#/files" className="underline">
              See all files
            </a>
          </Notice>
        )}
      </main>
      <Foot />
    </div>
  );
}

function Foot() {
  const { config } = useWorld();
  return (
    <footer className="mx-auto flex w-full max-w-5xl gap-x-4 px-4 py-6 text-xs text-soft sm:px-6">
      <a href="/reference.html" className="underline underline-offset-4 hover:text-ink">
        For programs: the API
      </a>
      <span className="ml-auto">Version {config.version.slice(0, VERSION_LETTERS)}</span>
    </footer>
  );
}

function Top({ route }: { route: Route }) {
  const { me, session, config } = useWorld();
  const name = useSyncExternalStore(session.follow, () => session.name) ?? me.name;
  return (
    <header className="border-b border-line bg-surface">
      <div className="mx-auto flex h-16 max-w-5xl items-center gap-1 px-4 sm:px-6">
        <a
          href="#/"
          aria-label="Penstock, to the beginning"
          className="mr-2 flex items-center gap-2.5 rounded-lg sm:mr-6"
        >
          <Mark />
          <span className="hidden text-lg font-semibold tracking-tight sm:inline">Penstock</span>
        </a>
        <nav aria-label="Places" className="flex h-full">
          {PLACES.map(({ name, to, at }) => {
            const here = (at as readonly string[]).includes(route.at);
            return (
              <a
                key={to}
                href={to}
                aria-current={here ? "page" : undefined}
                className={`flex h-full items-center border-b-2 px-3 text-sm font-medium transition-colors ${
                  here ? "border-accent text-ink" : "border-transparent text-soft hover:text-ink"
                }`}
              >
                {name}
              </a>
            );
          })}
        </nav>
        <div className="ml-auto flex min-w-0 items-center gap-1">
          <p className="hidden min-w-0 truncate pr-2 text-sm text-soft sm:block">
            {name}
            {me.operator && <span className="ml-2 rounded bg-sunken px-1.5 py-0.5 text-xs">operator</span>}
          </p>
          <ThemeSwitch />
          <IconButton
            icon="leave"
            label={config.sign_in ? `Sign out ${name}` : "Forget the key"}
            onClick={() => session.leave()}
          />
        </div>
      </div>
    </header>
  );
}

/** Says that the sign-in is over, without taking away what is on the screen. */
function Presence() {
  const { session, config } = useWorld();
  const presence = useSyncExternalStore(session.follow, () => session.presence);
  if (presence !== "over") return null;
  return (
    <div role="alert" className="mx-auto w-full max-w-5xl px-4 pt-4 sm:px-6">
      <Notice
        look="warn"
        title="Your sign-in has run out"
        actions={
          config.sign_in ? (
            <Button look="main" onClick={() => void session.signInBeside()}>
              Sign in again
            </Button>
          ) : (
            <Button look="main" onClick={() => session.leave()}>
              Enter a key
            </Button>
          )
        }
      >
        What is being sent waits, and goes on when you are signed in again.
      </Notice>
    </div>
  );
}
