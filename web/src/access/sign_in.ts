/** Signing in with Cognito: authorisation code with PKCE. No secret, and no refresh token is kept. */

import { Trouble } from "../api/problem.ts";
import type { SignIn } from "../config.ts";
import { challenge, ofBase64url, secret } from "./pkce.ts";
import type { Token } from "./tokens.ts";

const PLACE = "penstock.signing-in";

interface Begun {
  state: string;
  verifier: string;
  /** Where the person was: what stood after `#`. */
  back: string;
  /** Begun in a window of its own, beside a page that goes on sending. */
  beside: boolean;
}

export interface Came {
  token: Token;
  back: string;
  beside: boolean;
}

interface Granted {
  access_token: string;
  expires_in: number;
  id_token?: string;
}

interface Claims {
  email?: unknown;
}

function address(sign: SignIn, path: string): URL {
  return new URL(path, sign.domain.includes("://") ? sign.domain : `https://${sign.domain}`);
}

/** Where to send the browser to sign in; what has to be known afterwards is kept in the tab's session. */
export async function begin(
  sign: SignIn,
  back: string,
  { beside = false, store = sessionStorage, home = `${location.origin}/` } = {},
): Promise<URL> {
  const begun: Begun = { state: secret(), verifier: secret(), back, beside };
  store.setItem(PLACE, JSON.stringify(begun));
  const to = address(sign, "/oauth2/authorize");
  to.search = new URLSearchParams({
    response_type: "code",
    client_id: sign.client_id,
    redirect_uri: home,
    scope: "openid",
    state: begun.state,
    code_challenge: await challenge(begun.verifier),
    code_challenge_method: "S256",
  }).toString();
  return to;
}

/**
 * The token, if the address is one that signing in has led back to; `null` if it is not. Throws a `Trouble` if the
 * answer is not to what this tab has asked, or was refused.
 */
export async function finish(
  sign: SignIn,
  search: string,
  { store = sessionStorage, home = `${location.origin}/`, get = fetch as typeof fetch, now = Date.now() } = {},
): Promise<Came | null> {
  const came = new URLSearchParams(search);
  if (!came.has("state") || !(came.has("code") || came.has("error"))) {
    return null;
  }
  const found = store.getItem(PLACE);
  store.removeItem(PLACE);
  const begun = found ? (JSON.parse(found) as Begun) : null;
  if (begun?.state !== came.get("state")) {
    throw new Trouble("Signing in did not work", "The answer does not belong to this tab. Sign in once more.");
  }
  const code = came.get("code");
  if (!code) {
    throw new Trouble("Signing in did not work", came.get("error_description") ?? "It was not allowed.");
  }
  const answer = await get(address(sign, "/oauth2/token"), {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: sign.client_id,
      redirect_uri: home,
      code,
      code_verifier: begun.verifier,
    }),
  });
  if (!answer.ok) {
    throw new Trouble("Signing in did not work", "The sign-in has run out before it was used. Sign in once more.");
  }
  const { access_token, expires_in, id_token } = (await answer.json()) as Granted;
  const name = mailOf(id_token);
  const token = { value: access_token, expires: now + expires_in * 1000, ...(name ? { name } : {}) };
  return { token, back: begun.back, beside: begun.beside };
}

/**
 * The address that an id token names, if it does. It is shown and nothing more; it came straight from where people
 * sign in (OpenID Connect Core, 3.1.3.7), so that its signature tells nothing new.
 */
export function mailOf(token: string | undefined): string | null {
  try {
    const { email } = JSON.parse(new TextDecoder().decode(ofBase64url(token?.split(".")[1] ?? ""))) as Claims;
    return typeof email === "string" ? email : null;
  } catch {
    return null;
  }
}

/** Where to send the browser to sign out. */
export function end(sign: SignIn, home = `${location.origin}/`): URL {
  const to = address(sign, "/logout");
  to.search = new URLSearchParams({ client_id: sign.client_id, logout_uri: home }).toString();
  return to;
}
