import type { Schemas } from "../api/client.ts";
import { bytes } from "../format.ts";
import type { Size } from "./result.ts";

type Link = Schemas["Links"]["links"][number];

interface Props {
  title: string;
  sizes: Size[];
  links: Link[];
  name: string;
}

/** An image, or a document's first page, in the size that fits the screen, and a line for each size that was made. */
export function Picture({ title, sizes, links, name }: Props) {
  const urls = new Map(links.map((link) => [link.role, link.url]));
  const shown = sizes.find((size) => size.role === "preview") ?? sizes.at(-1);
  if (!shown) return null;
  const url = urls.get(shown.role);
  return (
    <section aria-labelledby="picture" className="mt-10">
      <h2 id="picture" className="text-lg font-semibold">
        {title}
      </h2>
      <div className="mt-3 grid gap-6 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="flex items-center justify-center overflow-hidden rounded-card border border-line bg-sunken">
          {url ? (
            <img
              src={url}
              width={shown.width}
              height={shown.height}
              alt={`${name.split("/").at(-1)}, as it was made small`}
              className="h-auto max-h-[26rem] w-auto max-w-full object-contain"
            />
          ) : (
            <div className="h-64" />
          )}
        </div>
        <dl className="space-y-4 self-center">
          {sizes.map((size) => (
            <div key={size.role}>
              <dt className="text-sm text-soft first-letter:uppercase">{size.role}</dt>
              <dd className="mt-0.5 font-medium">
                {size.width} × {size.height}
                {size.bytes !== null && <span className="font-normal text-soft"> · {bytes(size.bytes)}</span>}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
