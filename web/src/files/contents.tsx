import type { File_, Schemas } from "../api/client.ts";
import { bytes, counted } from "../format.ts";
import { write } from "../routing.ts";
import { RowName } from "../ui/row.tsx";
import { idOf } from "./name.ts";

type Preview = Schemas["Preview"];

const SAID: Record<string, string> = {
  taken: "A file of its own",
  listed: "Listed",
  refused: "Left out",
};

/** What an archive holds, each member with what became of it. */
export function Contents({ preview: { columns, rows }, file }: { preview: Preview; file: File_ }) {
  const place = new Map(columns.map(({ name }, index) => [name, index]));
  const all = (file.accepted ?? 0) + (file.rejected ?? 0);
  return (
    <section aria-labelledby="contents" className="mt-10">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="contents" className="text-lg font-semibold">
          Contents
        </h2>
        <p className="text-sm text-soft">
          {all > rows.length ? `the first ${rows.length} of ` : ""}
          {counted(Math.max(all, rows.length), "member")}
        </p>
      </div>
      <ul className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
        {rows.map((row) => {
          const of = (column: string) => row[place.get(column) ?? -1] ?? "";
          const size = Number(of("size"));
          const refused = of("status") === "refused";
          return (
            <li key={of("n")} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 py-3 sm:px-5">
              <div className="w-full min-w-0 sm:w-auto sm:flex-1">
                <RowName name={of("name")} {...addressOf(of("file"))} />
              </div>
              <p className={`text-sm ${refused ? "text-warn" : "text-soft"}`}>
                {SAID[of("status")] ?? of("status")}
                {refused && of("reason") && `: ${of("reason")}`}
              </p>
              <p className="text-sm text-soft sm:w-20 sm:text-right">{Number.isFinite(size) ? bytes(size) : ""}</p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Of the file that a member has become. A name that was cut for the preview leads nowhere. */
function addressOf(name: string): { to?: string } {
  return name && name !== "null" && !name.endsWith("…") ? { to: write({ at: "file", id: idOf(name) }) } : {};
}
