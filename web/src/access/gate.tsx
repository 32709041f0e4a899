import { type FormEvent, useState } from "react";
import type { Config } from "../config.ts";
import { Button, looks } from "../ui/button.tsx";
import { Mark } from "../ui/mark.tsx";
import { Failure, Notice } from "../ui/notice.tsx";
import { ThemeSwitch } from "../ui/theme.tsx";
import type { Session } from "./session.ts";

interface Props {
  config: Config;
  session: Session;
  /** There was a key or a sign-in, and the API does not take it (any more). */
  refused: boolean;
  error: unknown;
}

/** Where somebody says who they are. */
export function Gate({ config, session, refused, error }: Props) {
  return (
    <div className="flex min-h-dvh flex-col">
      <div className="flex justify-end p-3">
        <ThemeSwitch />
      </div>
      <main className="mx-auto flex w-full max-w-md flex-1 flex-col justify-center px-5 pb-24">
        <Mark className="size-12" />
        <h1 className="mt-6 text-3xl font-semibold tracking-tight">Penstock</h1>
        <p className="mt-2 text-soft">Send files, see what becomes of them, fetch what was made.</p>
        <div className="mt-8 space-y-4">
          {error !== null && <Failure error={error} />}
          {config.sign_in ? (
            <>
              {refused && (
                <Notice look="warn" title="Your sign-in has run out">
                  Sign in again; what you were sending can go on afterwards.
                </Notice>
              )}
              <Button look="main" className="w-full sm:min-h-11" onClick={() => void session.signIn()}>
                Sign in
              </Button>
            </>
          ) : (
            <KeyForm session={session} refused={refused} />
          )}
        </div>
      </main>
    </div>
  );
}

function KeyForm({ session, refused }: { session: Session; refused: boolean }) {
  const [key, setKey] = useState("");
  const enter = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) session.enter({ value: key.trim(), expires: null });
  };
  return (
    <form onSubmit={enter} className="space-y-3">
      {refused && (
        <div role="alert">
          <Notice look="bad" title="That key is not known here">
            Look whether it was copied whole, or ask whoever runs this for a new one.
          </Notice>
        </div>
      )}
      <label htmlFor="key" className="block text-sm font-medium">
        Your access key
      </label>
      <input
        id="key"
        type="password"
        autoComplete="off"
        spellCheck={false}
        aria-describedby="key-help"
        value={key}
        onChange={(event) => setKey(event.target.value)}
        className="block min-h-11 w-full rounded-lg border border-edge bg-surface px-3 font-mono text-sm"
      />
      <p id="key-help" className="text-sm text-soft">
        You have it from whoever runs this installation. It stays in this tab and is forgotten when you close it.
      </p>
      <button type="submit" disabled={!key.trim()} className={`${looks("main")} w-full sm:min-h-11`}>
        Continue
      </button>
    </form>
  );
}
