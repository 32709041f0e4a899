import { type ReactNode, useState } from "react";
import { done, type File_, got } from "../api/client.ts";
import { useWorld } from "../context.ts";
import { announce } from "../ui/announce.tsx";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/notice.tsx";

/** Does something once at a time; what goes wrong is shown, and the file is looked at anew. */
function useAct(reload: () => void) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const act = async (what: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await what();
    } catch (caught) {
      setError(caught);
      reload();
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, failure: error === null ? null : <Failure error={error} /> };
}

function Frame({ failure, children }: { failure: ReactNode; children: ReactNode }) {
  return (
    <div className="mt-4 space-y-3">
      {failure}
      <div className="flex flex-wrap gap-2">{children}</div>
    </div>
  );
}

interface RedriveProps {
  file: File_;
  reload: () => void;
  onRedriven: (attempt: number) => void;
}

/** For operators: a failed file is processed once more. */
export function Redrive({ file, reload, onRedriven }: RedriveProps) {
  const { api } = useWorld();
  const { act, busy, failure } = useAct(reload);
  const redrive = async () => {
    const begun = await got(api.POST("/files/{file}/redrive", { params: { path: { file: file.id } } }));
    announce(`Attempt ${begun.attempt} has begun`);
    onRedriven(begun.attempt);
    reload();
  };
  return (
    <Frame failure={failure}>
      <Button look="main" icon="again" disabled={busy} onClick={() => void act(redrive)}>
        Process it once more
      </Button>
    </Frame>
  );
}

/** Where the stack allows it: the file and all its results go, after a second word. */
export function Delete({ file, etag, reload }: { file: File_; etag: string | null; reload: () => void }) {
  const { api, queue, watch } = useWorld();
  const { act, busy, failure } = useAct(reload);
  const [asked, setAsked] = useState(false);
  const remove = async () => {
    const header = etag ? { "If-Match": etag } : {};
    await done(api.DELETE("/files/{file}", { params: { path: { file: file.id }, header } }));
    announce("The file is deleted");
    watch.forget(file.id);
    queue.dismissSent(file.id);
    location.hash = "#/files";
  };
  return (
    <section aria-label="Deleting" className="mt-10 border-t border-line pt-4">
      <Frame failure={failure}>
        {asked ? (
          <>
            <Button look="danger" icon="trash" disabled={busy} autoFocus onClick={() => void act(remove)}>
              Delete it and all results
            </Button>
            <Button look="quiet" onClick={() => setAsked(false)}>
              Keep it
            </Button>
          </>
        ) : (
          <Button look="danger" icon="trash" onClick={() => setAsked(true)}>
            Delete…
          </Button>
        )}
      </Frame>
    </section>
  );
}
