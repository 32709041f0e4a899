import { beforeEach, expect, test, vi } from "vitest";
import { base64url, challenge, secret } from "../../src/access/pkce.ts";
import { begin, end, finish, mailOf } from "../../src/access/sign_in.ts";
import { bringsKey, keep, kept, takeKey } from "../../src/access/tokens.ts";

const SIGN = { domain: "people.test", client_id: "client-1" };
const HOME = "http://page.test/";

beforeEach(() => sessionStorage.clear());

test("the challenge of RFC 7636, appendix B", async () => {
  expect(await challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  );
});

test("secrets are long, written for addresses, and never the same", () => {
  const some = Array.from({ length: 20 }, secret);
  expect(new Set(some).size).toBe(20);
  for (const each of some) expect(each).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(base64url(new Uint8Array([0xfb, 0xff]))).toBe("-_8");
});

function idToken(claims: object): string {
  return `h.${base64url(new TextEncoder().encode(JSON.stringify(claims)))}.s`;
}

async function begun(): Promise<URLSearchParams> {
  const to = await begin(SIGN, "#/files?state=failed", { home: HOME });
  expect(to.origin + to.pathname).toBe("https://people.test/oauth2/authorize");
  return to.searchParams;
}

test("signing in asks for a code, with a challenge and a state, and comes back to where one was", async () => {
  const asked = await begun();
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: "code",
    client_id: "client-1",
    redirect_uri: HOME,
    code_challenge_method: "S256",
  });
  const get = vi.fn<typeof fetch>(async () =>
    Response.json({
      access_token: "t-1",
      expires_in: 3600,
      id_token: idToken({ email: "a@b.c" }),
      refresh_token: "no",
    }),
  );
  const came = await finish(SIGN, `?code=c-1&state=${asked.get("state")}`, { home: HOME, get, now: 1000 });
  expect(came).toEqual({
    token: { value: "t-1", expires: 3_601_000, name: "a@b.c" },
    back: "#/files?state=failed",
    beside: false,
  });

  const sent = get.mock.calls[0]?.[1]?.body as URLSearchParams;
  expect(sent.get("code")).toBe("c-1");
  expect(await challenge(sent.get("code_verifier") ?? "")).toBe(asked.get("code_challenge"));
  expect(sessionStorage).toHaveLength(0);
});

test("the person's address is read of the id token, and what is no address is nothing", () => {
  expect(mailOf(idToken({ sub: "1", email: "åse@example.com" }))).toBe("åse@example.com");
  expect(mailOf(idToken({ sub: "1" }))).toBeNull();
  expect(mailOf(idToken({ email: ["x"] }))).toBeNull();
  for (const odd of [undefined, "", "a", "a.b.c", "a.!.c"]) expect(mailOf(odd)).toBeNull();
});

test("an answer with another state is not taken, and no token is asked for", async () => {
  await begun();
  const get = vi.fn<typeof fetch>();
  await expect(finish(SIGN, "?code=c-1&state=forged", { get })).rejects.toThrow("Signing in did not work");
  expect(get).not.toHaveBeenCalled();
});

test("an answer is taken once", async () => {
  const state = (await begun()).get("state");
  const get = async () => Response.json({ access_token: "t-1", expires_in: 60 });
  await finish(SIGN, `?code=c-1&state=${state}`, { get });
  await expect(finish(SIGN, `?code=c-1&state=${state}`, { get })).rejects.toThrow("Signing in did not work");
});

test("a refusal says why", async () => {
  const state = (await begun()).get("state");
  const refused = finish(SIGN, `?error=access_denied&error_description=Not+today&state=${state}`);
  await expect(refused).rejects.toMatchObject({ words: { text: "Not today" } });
});

test("a code that has run out is no token", async () => {
  const state = (await begun()).get("state");
  const get = async () => Response.json({ error: "invalid_grant" }, { status: 400 });
  await expect(finish(SIGN, `?code=c-1&state=${state}`, { get })).rejects.toThrow("Signing in did not work");
});

test("other addresses are none of its business", async () => {
  expect(await finish(SIGN, "?utm_source=mail")).toBeNull();
});

test("signing out leads to the sign-in's own end, and a domain may be an origin", () => {
  expect(end({ ...SIGN, domain: "http://localhost:4000" }, HOME).href).toBe(
    "http://localhost:4000/logout?client_id=client-1&logout_uri=http%3A%2F%2Fpage.test%2F",
  );
});

test("a token is kept until it runs out, a key until the tab is closed", () => {
  keep({ value: "t-1", expires: 2000 });
  expect(kept(1999)?.value).toBe("t-1");
  expect(kept(2000)).toBeNull();
  keep({ value: "key", expires: null });
  expect(kept(Number.MAX_SAFE_INTEGER)?.value).toBe("key");
  expect(localStorage).toHaveLength(0);
});

test("an address with a key is told from others", () => {
  const at = (hash: string) => bringsKey({ hash } as Location);
  expect([at("#key=abc"), at("#key="), at("#/files?prefix=key=1"), at("")]).toEqual([true, false, false, false]);
});

test("a key in the address is taken once and shown no longer", () => {
  window.history.replaceState(null, "", "/#key=abc%2Fdef");
  expect(takeKey()).toBe("abc/def");
  expect(location.href).not.toContain("abc");
  expect(takeKey()).toBeNull();
});
