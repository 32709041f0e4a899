/** Numbers, times and sizes as people read them. */

const LANGUAGE = "en";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Three digits at most: `4.2 MB`, `318 kB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toLocaleString(LANGUAGE, { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}

export function count(value: number): string {
  return value.toLocaleString(LANGUAGE);
}

/** `1 row`, `3 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How long something takes: `40 s`, `3 min`, `2 h 10 min`. */
export function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 1) return "under 1 s";
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** How long something took, exactly enough: `0.8 s`, `12 s`. */
export function took(seconds: number): string {
  return seconds < 10 ? `${seconds.toLocaleString(LANGUAGE, { maximumFractionDigits: 1 })} s` : span(seconds);
}

/** `just now`, `4 min ago`, `14:05`, `3 Nov 2026, 14:05`. */
export function when(time: string, now: Date = new Date()): string {
  const then = new Date(time);
  const ago = (now.getTime() - then.getTime()) / 1000;
  if (ago < 45) return "just now";
  if (ago < 3600) return `${Math.max(1, Math.round(ago / 60))} min ago`;
  const clock = then.toLocaleTimeString(LANGUAGE, { hour: "2-digit", minute: "2-digit", hour12: false });
  if (then.toDateString() === now.toDateString()) return `today, ${clock}`;
  const year = then.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year })}, ${clock}`;
}

/** The whole of it, for a title. */
export function exact(time: string): string {
  return new Date(time).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "medium" });
}

/** The clock with seconds. */
export function clock(time: string): string {
  return new Date(time).toLocaleTimeString("en-GB");
}
