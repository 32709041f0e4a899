import { useEffect, useState } from "react";
import { announce } from "./announce.tsx";
import { Button, IconButton } from "./button.tsx";

interface Props {
  /** What is copied; asked for when it is wanted. */
  text: () => string | Promise<string>;
  label: string;
  /** What to call it when it is done: `Link`. */
  what: string;
  small?: boolean;
}

export function Copy({ text, label, what, small = false }: Props) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2500);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      setState("copied");
      announce(`${what} copied`);
    } catch {
      setState("failed");
      announce(`${what} could not be copied: the browser does not allow it`);
    }
  };
  const icon = state === "copied" ? "check" : small ? "copy" : "link";
  if (small) {
    return <IconButton small icon={icon} label={label} onClick={copy} />;
  }
  return (
    <Button icon={icon} onClick={copy} className="min-w-32">
      {state === "copied" ? "Copied" : state === "failed" ? "Not allowed" : label}
    </Button>
  );
}
