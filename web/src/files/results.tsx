import { useEffect } from "react";
import { type File_, got } from "../api/client.ts";
import { useWorld } from "../context.ts";
import { useAnswer } from "../ui/answer.ts";
import { Button } from "../ui/button.tsx";
import { Failure, Notice } from "../ui/notice.tsx";
import { Bone } from "../ui/waiting.tsx";
import { Artifacts } from "./artifacts.tsx";
import { Beginning } from "./beginning.tsx";
import { Contents } from "./contents.tsx";
import { Figures } from "./figures.tsx";
import { Picture } from "./picture.tsx";
import { facts, readable, sizes, warnings } from "./result.ts";
import { Rejects, Rows } from "./rows.tsx";

/** Links are asked for again so long before they run out. */
const AHEAD_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Kinds that are shown as a picture, and what stands above it. */
const PICTURED: Record<string, string> = { image: "Image", pdf: "First page" };

/** What was made of a file that has succeeded. */
export function Results({ file }: { file: File_ }) {
  const { api } = useWorld();
  const what = `${file.id} ${file.version} ${file.attempt}`;
  const params = { path: { file: file.id } };
  const links = useAnswer(what, (signal) => got(api.GET("/files/{file}/links", { params, signal })));
  const preview = useAnswer(what, (signal) => got(api.GET("/files/{file}/preview", { params, signal })));
  const result = useAnswer(what, (signal) => got(api.GET("/files/{file}/result", { params, signal })));

  const { data, reload } = links;
  useEffect(() => {
    const first = Math.min(...(data?.links ?? []).map((link) => Date.parse(link.expires_at)));
    if (!Number.isFinite(first)) return;
    const wait = Math.max(10_000, first - Date.now() - AHEAD_MS);
    const timer = setTimeout(reload, Math.min(wait, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }, [data, reload]);

  const totals = readable(preview.data?.totals ?? {});
  const images = sizes(result.data);
  const title = PICTURED[file.kind ?? ""];
  const known = facts(result.data, file.kind);
  const remarks = warnings(result.data);
  return (
    <>
      {remarks.map((each) => (
        <div key={each} className="mt-4">
          <Notice look="warn" title={each} />
        </div>
      ))}
      {title && <Picture title={title} sizes={images} links={links.data?.links ?? []} name={file.name} />}
      {known.length > 0 && (
        <section aria-labelledby="about" className="mt-10">
          <h2 id="about" className="text-lg font-semibold">
            About it
          </h2>
          <Figures figures={known} />
        </section>
      )}
      {preview.data?.text && <Beginning text={preview.data.text} />}
      {totals.length > 0 && (
        <section aria-labelledby="totals" className="mt-10">
          <h2 id="totals" className="text-lg font-semibold">
            Totals
          </h2>
          <Figures figures={totals} />
        </section>
      )}
      {preview.error !== null && links.data && (
        <div className="mt-10">
          <Failure error={preview.error} actions={<Button onClick={preview.reload}>Try again</Button>} />
        </div>
      )}
      {preview.loading && !title && <Bone className="mt-10 h-48 w-full rounded-card" />}
      {preview.data &&
        preview.data.rows.length > 0 &&
        (file.kind === "zip" ? (
          <Contents preview={preview.data} file={file} />
        ) : (
          <Rows preview={preview.data} file={file} />
        ))}
      {preview.data && preview.data.rejects.length > 0 && (
        <Rejects rejects={preview.data.rejects} all={file.rejected ?? 0} />
      )}
      <section aria-labelledby="downloads" className="mt-10">
        <h2 id="downloads" className="text-lg font-semibold">
          Downloads
        </h2>
        {links.data ? (
          <Artifacts
            links={links.data.links}
            kind={file.kind}
            refresh={async () => (await got(api.GET("/files/{file}/links", { params }))).links}
          />
        ) : links.error !== null ? (
          <div className="mt-3">
            <Failure error={links.error} actions={<Button onClick={reload}>Try again</Button>} />
          </div>
        ) : (
          <Bone className="mt-3 h-20 w-full rounded-card" />
        )}
      </section>
    </>
  );
}
