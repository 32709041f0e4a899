/** Who the page acts for: one store, which everything that asks the API reads and React follows. */

import type { Access } from "../api/client.ts";
import type { Config } from "../config.ts";
import { begin, end, finish } from "./sign_in.ts";
import { forget, keep, kept, type Token, takeKey } from "./tokens.ts";

/** `over`: there was somebody, whose sign-in has run out. */
export type Presence = "nobody" | "somebody" | "over";

const CHANNEL = "penstock.signed-in";
/** A token is renewed this long before it runs out, but only one that lives much longer. */
const AHEAD_MS = 90_000;

export class Session implements Access {
  #config: Config;
  #token: Token | null = kept();
  #presence: Presence;
  /** Stays when the sign-in has run out: what is on the screen is still theirs. */
  #name: string | null = this.#token?.name ?? null;
  #heard = new Set<() => void>();
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** Whether the page can be left for a moment: nothing is being sent. */
  mayLeave: () => boolean = () => true;

  constructor(config: Config) {
    this.#config = config;
    this.#presence = this.#token ? "somebody" : "nobody";
    this.#plan();
    if (config.sign_in) {
      new BroadcastChannel(CHANNEL).onmessage = ({ data }: MessageEvent<Token>) => this.enter(data);
    }
  }

  get presence(): Presence {
    return this.#presence;
  }

  follow = (hear: () => void): (() => void) => {
    this.#heard.add(hear);
    return () => this.#heard.delete(hear);
  };

  /** Of the person; programs have theirs in the API only. */
  get name(): string | null {
    return this.#name;
  }

  bearer(): string | null {
    return this.#token?.value ?? null;
  }

  refused(): void {
    if (this.#presence === "somebody") this.#set(null, "over");
  }

  enter(token: Token): void {
    keep(token);
    this.#set(token, "somebody");
  }

  /** Resolves when somebody is there. */
  async present(signal: AbortSignal): Promise<void> {
    while (this.#presence !== "somebody") {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const leave = this.follow(() => {
          leave();
          resolve();
        });
        signal.addEventListener(
          "abort",
          () => {
            leave();
            reject(signal.reason);
          },
          { once: true },
        );
      });
    }
  }

  /** Takes a key or a sign-in's answer from the address. Throws a `Trouble` if signing in failed. */
  async arrive(): Promise<"stays" | "closes"> {
    const key = takeKey();
    if (key) {
      this.enter({ value: key, expires: null });
      return "stays";
    }
    if (!this.#config.sign_in || !location.search) {
      return "stays";
    }
    const search = location.search;
    history.replaceState(null, "", `${location.pathname}${location.hash}`);
    const came = await finish(this.#config.sign_in, search);
    if (!came) {
      return "stays";
    }
    this.enter(came.token);
    if (came.beside) {
      const channel = new BroadcastChannel(CHANNEL);
      channel.postMessage(came.token);
      channel.close();
      return "closes";
    }
    history.replaceState(null, "", `${location.pathname}${came.back || "#/"}`);
    return "stays";
  }

  /** Leads to the sign-in, and back to here. */
  async signIn(): Promise<void> {
    if (this.#config.sign_in) location.assign(await begin(this.#config.sign_in, location.hash));
  }

  /** The same in a window of its own, so that what is being sent here goes on. */
  async signInBeside(): Promise<void> {
    if (!this.#config.sign_in) {
      return;
    }
    // Opened before anything is awaited, or the browser takes it for an advertisement.
    const beside = window.open("about:blank", "_blank", "popup,width=480,height=720");
    const to = await begin(this.#config.sign_in, location.hash, {
      beside: Boolean(beside),
      store: beside?.sessionStorage ?? sessionStorage,
    });
    (beside ?? window).location.assign(to);
  }

  leave(): void {
    forget();
    this.#set(null, "nobody");
    if (this.#config.sign_in) location.assign(end(this.#config.sign_in));
  }

  #set(token: Token | null, presence: Presence): void {
    this.#token = token;
    this.#presence = presence;
    if (token || presence === "nobody") this.#name = token?.name ?? null;
    if (!token) forget();
    this.#plan();
    for (const hear of this.#heard) hear();
  }

  #plan(): void {
    clearTimeout(this.#renewal);
    const expires = this.#token?.expires;
    if (!expires) {
      return;
    }
    const left = expires - Date.now();
    if (left > 2 * AHEAD_MS) {
      this.#renewal = setTimeout(() => this.#renew(expires), left - AHEAD_MS);
    } else {
      this.#renewal = setTimeout(() => this.refused(), Math.max(left, 0));
    }
  }

  #renew(expires: number): void {
    if (this.mayLeave() && document.visibilityState === "visible" && Date.now() < expires) {
      void this.signIn();
    } else {
      this.#renewal = setTimeout(() => this.refused(), Math.max(expires - Date.now(), 0));
    }
  }
}
