import type { ButtonHTMLAttributes } from "react";
import { Icon, type IconName } from "./icons.tsx";

export type Look = "main" | "plain" | "quiet" | "danger";

const LOOKS: Record<Look, string> = {
  main: "bg-accent text-accent-ink hover:bg-accent-deep",
  plain: "border border-line bg-surface text-ink hover:border-edge hover:bg-sunken",
  quiet: "text-soft hover:bg-sunken hover:text-ink",
  danger: "border border-line bg-surface text-bad hover:border-bad hover:bg-bad-wash",
};

const SHAPE =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-lg px-4 text-sm font-medium whitespace-nowrap " +
  "transition-colors disabled:opacity-50 sm:min-h-9 sm:px-3";

/** The classes of a button, for links that look like one. */
export function looks(look: Look = "plain"): string {
  return `${SHAPE} ${LOOKS[look]}`;
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: IconName;
}

export function Button({ look = "plain", icon, children, className = "", ...rest }: Props) {
  return (
    <button type="button" className={`${looks(look)} ${className}`} {...rest}>
      {icon && <Icon name={icon} className="size-4" />}
      {children}
    </button>
  );
}

/** A button that shows only its icon; `label` is what it says to those who listen, and on hovering. */
export function IconButton({
  icon,
  label,
  small = false,
  ...rest
}: { icon: IconName; label: string; small?: boolean } & Omit<Props, "icon" | "look">) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`inline-flex shrink-0 items-center justify-center rounded-lg text-soft transition-colors hover:bg-sunken hover:text-ink disabled:opacity-40 ${
        small ? "size-7" : "size-11 sm:size-9"
      }`}
      {...rest}
    >
      <Icon name={icon} className={small ? "size-4" : "size-4.5"} />
    </button>
  );
}
