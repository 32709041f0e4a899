import type { File_, Schemas } from "../api/client.ts";
import { count, counted } from "../format.ts";
import { useMore } from "../ui/more.tsx";

type Preview = Schemas["Preview"];

const NUMBERS = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w*INT\w*|FLOAT|DOUBLE|REAL|DECIMAL.*|NUMERIC.*)$/i;

/** SQL's names of types, as people call them. */
function typeName(type: string): string {
  if (/^(VARCHAR|TEXT|STRING)/i.test(type)) return "text";
  if (/INT/i.test(type)) return "whole number";
  if (NUMBERS.test(type)) return "number";
  if (/^BOOL/i.test(type)) return "yes or no";
  if (/^TIMESTAMP/i.test(type)) return "date and time";
  return type.toLowerCase();
}

/** The first rows, under the names and types of their columns. */
export function Rows({ preview: { columns, rows }, file }: { preview: Preview; file: File_ }) {
  const all = file.accepted ?? rows.length;
  const thing = file.kind === "recipe" ? "recipe" : "row";
  return (
    <section aria-labelledby="rows" className="mt-10">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="rows" className="text-lg font-semibold">
          First {thing}s
        </h2>
        <p className="text-sm text-soft">
          {count(rows.length)} of {counted(all, thing)}, {counted(columns.length, "column")}
        </p>
      </div>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        aria-label={`First ${thing}s, to be scrolled`}
        className="mt-3 max-h-112 overflow-auto rounded-card border border-line bg-surface"
      >
        <table className="w-full border-collapse text-left text-sm">
          <thead className="sticky top-0 bg-sunken">
            <tr>
              {columns.map((column, index) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: names may stand twice in a header
                  key={`${index} ${column.name}`}
                  scope="col"
                  className={`px-4 py-2.5 align-bottom font-medium whitespace-nowrap ${NUMBERS.test(column.type ?? "") ? "text-right" : ""}`}
                >
                  {column.name || <span className="text-soft">(no name)</span>}{" "}
                  {column.type && (
                    <span className="block text-xs font-normal text-soft" title={column.type}>
                      {typeName(column.type)}
                    </span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name than their place
              <tr key={line}>
                {row.map((value, index) => (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: so have values
                    key={index}
                    className={`max-w-80 truncate px-4 py-2 whitespace-nowrap ${NUMBERS.test(columns[index]?.type ?? "") ? "text-right" : ""}`}
                    title={value.length > 40 ? value : undefined}
                  >
                    {value === "" ? <span className="text-soft">–</span> : value}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

/** The first records that were set aside, each with its line and why. */
export function Rejects({ rejects, all }: { rejects: Preview["rejects"]; all: number }) {
  const list = useMore(rejects, 6, "record");
  return (
    <section aria-labelledby="rejects" className="mt-10">
      <div className="flex flex-wrap items-baseline gap-x-3">
        <h2 id="rejects" className="text-lg font-semibold">
          Set aside
        </h2>
        <p className="text-sm text-soft">
          {all > rejects.length ? `the first ${count(rejects.length)} of ` : ""}
          {counted(Math.max(all, rejects.length), "record")}; the rest of the file was taken
        </p>
      </div>
      <ul className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
        {list.shown.map((each, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: several may stand in one line
          <li key={index} className="grid gap-x-4 gap-y-1 px-4 py-3 text-sm sm:grid-cols-[6rem_minmax(0,1fr)] sm:px-5">
            <span className="text-soft">{each.line === undefined ? "" : `Line ${count(each.line)}`}</span>
            <div className="min-w-0">
              <p className="font-medium first-letter:uppercase">{each.reason}</p>
              {each.raw && <code className="mt-1 block truncate font-mono text-xs text-soft">{each.raw}</code>}
            </div>
          </li>
        ))}
      </ul>
      {list.more}
    </section>
  );
}
