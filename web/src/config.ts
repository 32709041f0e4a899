/** What the deployment tells the page: `/config.json`. */

export interface SignIn {
  /** Where people sign in: an origin, or a host name that is reached by HTTPS. */
  domain: string;
  client_id: string;
}

export interface Config {
  /** Where the API is, as seen from the page: `/api`. */
  api: string;
  /** `null`: the page asks for an API key. */
  sign_in: SignIn | null;
  max_file_bytes: number;
  version: string;
}

/** Reads `/config.json`. Throws an `Error` with a sentence for a person. */
export async function loadConfig(get: typeof fetch = fetch): Promise<Config> {
  const answer = await get("/config.json", { cache: "no-cache" });
  if (!answer.ok) {
    throw new Error(`The page's settings could not be read (${answer.status} for /config.json).`);
  }
  return check(await answer.json());
}

function check(found: unknown): Config {
  const { api, sign_in, max_file_bytes, version } = found as Partial<Config>;
  if (typeof api !== "string" || typeof max_file_bytes !== "number" || typeof version !== "string") {
    throw new Error("The page's settings (/config.json) lack api, max_file_bytes or version.");
  }
  if (sign_in && (typeof sign_in.domain !== "string" || typeof sign_in.client_id !== "string")) {
    throw new Error("The page's settings (/config.json) name no domain or client_id to sign in with.");
  }
  return { api, sign_in: sign_in ?? null, max_file_bytes, version };
}
