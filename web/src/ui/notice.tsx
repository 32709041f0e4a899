import type { ReactNode } from "react";
import { type Words, words } from "../api/problem.ts";
import { Icon } from "./icons.tsx";

const LOOKS = {
  bad: "border-bad/30 bg-bad-wash text-bad",
  warn: "border-warn/30 bg-warn-wash text-warn",
  calm: "border-line bg-surface text-soft",
};

interface Props {
  look?: keyof typeof LOOKS;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** Something a person should read before going on. */
export function Notice({ look = "calm", title, children, actions }: Props) {
  return (
    <div className={`flex gap-3 rounded-card border p-4 ${LOOKS[look]}`}>
      <Icon name="warn" className="mt-0.5 size-5" />
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children && <div className="mt-1 text-sm text-ink">{children}</div>}
        {actions && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}

/** What was thrown, in a person's words. */
export function Failure({ error, actions }: { error: unknown; actions?: ReactNode }) {
  const said: Words = words(error);
  return (
    <div role="alert">
      <Notice look="bad" title={said.title} actions={actions}>
        <p>{said.text}</p>
        {said.reference && <p className="mt-1 text-xs text-soft">Reference for whoever runs this: {said.reference}</p>}
      </Notice>
    </div>
  );
}
