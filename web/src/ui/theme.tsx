import { useState } from "react";
import { IconButton } from "./button.tsx";

type Theme = "system" | "light" | "dark";

const PLACE = "penstock.theme";
const NEXT: Record<Theme, Theme> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: "screen", light: "sun", dark: "moon" } as const;
const LABELS: Record<Theme, string> = { system: "as the device", light: "light", dark: "dark" };

function kept(): Theme {
  const found = localStorage.getItem(PLACE);
  return found === "light" || found === "dark" ? found : "system";
}

/** Puts the chosen colours on; called before anything is drawn. */
export function applyTheme(theme: Theme = kept()): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(kept);
  const next = NEXT[theme];
  return (
    <IconButton
      icon={ICONS[theme]}
      label={`Colours: ${LABELS[theme]}. Change to ${LABELS[next]}`}
      onClick={() => {
        localStorage.setItem(PLACE, next);
        applyTheme(next);
        setTheme(next);
      }}
    />
  );
}
