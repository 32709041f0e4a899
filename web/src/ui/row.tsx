import type { ReactNode } from "react";

const TONES = { calm: "text-soft", bad: "text-bad", warn: "text-warn", good: "text-accent" };

interface Props {
  name: ReactNode;
  status: ReactNode;
  tone?: keyof typeof TONES;
  actions: ReactNode;
  /** The line that moves: a bar, or the steps. */
  children: ReactNode;
}

/** One file in a list. Its parts keep their places, whatever happens to it. */
export function Row({ name, status, tone = "calm", actions, children }: Props) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-2 px-4 py-3.5 sm:px-5">
      <div className="min-w-0">
        {name}
        <p className={`mt-0.5 text-sm wrap-anywhere ${TONES[tone]}`}>{status}</p>
      </div>
      <div className="flex min-h-11 items-center justify-end gap-1 sm:min-h-9">{actions}</div>
      <div className="col-span-2 flex min-h-5 items-center">{children}</div>
    </div>
  );
}

/** The file's own name, and small before it the folders that it lies in; where room is short, they give way. */
export function RowName({ name, to }: { name: string; to?: string }) {
  const cut = name.lastIndexOf("/") + 1;
  const text = (
    <>
      {cut > 0 && <span className="min-w-0 truncate font-normal text-soft">{name.slice(0, cut)}</span>}
      <span className="max-w-full shrink-0 truncate">{name.slice(cut)}</span>
    </>
  );
  const shape = "flex font-medium";
  return to ? (
    <a
      href={to}
      title={name}
      aria-label={name}
      className={`${shape} rounded underline-offset-4 hover:text-accent hover:underline`}
    >
      {text}
    </a>
  ) : (
    <p title={name} className={shape}>
      {text}
    </p>
  );
}
