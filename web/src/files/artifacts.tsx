import type { Schemas } from "../api/client.ts";
import { bytes, exact } from "../format.ts";
import { looks } from "../ui/button.tsx";
import { Copy } from "../ui/copy.tsx";
import { Icon } from "../ui/icons.tsx";

type Link = Schemas["Links"]["links"][number];

const ROLES: Record<string, { title: string; about: string }> = {
  archive: { title: "Everything", about: "All results and a list of their checksums, in one ZIP" },
  clean: { title: "Clean records", about: "What was taken, in the file's own format" },
  table: { title: "Table", about: "What was taken, as Parquet with types" },
  rejects: { title: "Records set aside", about: "Each with its line and the reason" },
  listing: { title: "Listing", about: "What the archive holds" },
  web: { title: "Web size", about: "For pages" },
  preview: { title: "Preview", about: "For looking at" },
  thumbnail: { title: "Thumbnail", about: "For lists" },
  original: { title: "Original", about: "As it was sent" },
};

/** What is made of an archive is a list of what is in it. */
const OF_ARCHIVES = { clean: { title: "Contents", about: "Each member with its size, its checksum and its file" } };

interface Props {
  links: Link[];
  kind: string | undefined;
  refresh: () => Promise<Link[]>;
}

/** Everything that was made, each to fetch or to hand on. `refresh` signs the links anew. */
export function Artifacts({ links, kind, refresh }: Props) {
  const roles: typeof ROLES = kind === "zip" ? { ...ROLES, ...OF_ARCHIVES } : ROLES;
  // A link that is handed on should live as long as it can.
  const newest = async (link: Link) => {
    const found = (await refresh()).find((each) => each.role === link.role && each.name === link.name);
    return new URL((found ?? link).url, location.href).href;
  };
  return (
    <ul className="mt-3 divide-y divide-line rounded-card border border-line bg-surface">
      {links.map((link) => {
        const role = roles[link.role] ?? { title: link.role, about: "" };
        return (
          <li
            key={`${link.role} ${link.name}`}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3.5 sm:px-5"
          >
            <div className="min-w-48 flex-1">
              <p className="font-medium first-letter:uppercase">
                {role.title} <span className="font-normal text-soft">· {bytes(link.size)}</span>
              </p>
              <p className="text-sm text-soft wrap-anywhere">
                {link.name}
                {role.about && ` · ${role.about}`}
              </p>
              {link.sha256 && (
                <p className="mt-0.5 flex items-center text-xs text-soft">
                  <code className="font-mono" title={link.sha256}>
                    SHA-256 {link.sha256.slice(0, 12)}…
                  </code>
                  <Copy
                    small
                    text={() => link.sha256 ?? ""}
                    label={`Copy the checksum of ${link.name}`}
                    what="Checksum"
                  />
                </p>
              )}
            </div>
            <div className="flex flex-wrap gap-2">
              <a
                href={link.url}
                download={link.name}
                data-sha256={link.sha256}
                aria-label={`Download ${link.name}`}
                className={looks(link.role === "archive" ? "main" : "plain")}
              >
                <Icon name="download" className="size-4" />
                Download
              </a>
              <Copy text={() => newest(link)} label="Copy link" what="Link" />
            </div>
            {link.role === "archive" && (
              <p className="w-full text-xs text-soft">
                A copied link works for anybody who has it, until {exact(link.expires_at)}.
              </p>
            )}
          </li>
        );
      })}
    </ul>
  );
}
