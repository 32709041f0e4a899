/** What the page signs its requests with. It lies in this tab's session only and ends with it. */

export interface Token {
  value: string;
  /** Milliseconds since 1970; `null` for a key, which does not run out. */
  expires: number | null;
  /** The person's mail address, to be shown. */
  name?: string;
}

const PLACE = "penstock.token";

export function keep(token: Token, store: Storage = sessionStorage): void {
  store.setItem(PLACE, JSON.stringify(token));
}

/** The token, unless there is none or it has run out. */
export function kept(now: number = Date.now(), store: Storage = sessionStorage): Token | null {
  const found = store.getItem(PLACE);
  if (!found) {
    return null;
  }
  const token = JSON.parse(found) as Token;
  return token.expires !== null && token.expires <= now ? null : token;
}

export function forget(store: Storage = sessionStorage): void {
  store.removeItem(PLACE);
}

const IN_ADDRESS = /^#key=([^&]+)$/;

/** Whether an address brings a key. */
export function bringsKey(at: Location = location): boolean {
  return IN_ADDRESS.test(at.hash);
}

/**
 * The key in the address (`#key=…`), once: it is taken out of the address at the same time, so that it is neither
 * shown, copied nor kept in the history.
 */
export function takeKey(at: Location = location, past: History = history): string | null {
  const found = IN_ADDRESS.exec(at.hash);
  if (!found?.[1]) {
    return null;
  }
  past.replaceState(null, "", `${at.pathname}${at.search}#/`);
  return decodeURIComponent(found[1]);
}
