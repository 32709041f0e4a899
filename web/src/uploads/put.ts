/** One part to the store. By XMLHttpRequest, since `fetch` does not tell how much of a body has gone. */

import { NotTaken } from "./again.ts";

/** Without a byte moving for so long, the connection is taken for dead. */
const SILENCE_MS = 45_000;

export type Put = (
  url: string,
  headers: Record<string, string>,
  body: Blob,
  went: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<void>;

/** Resolves once the store has the part whole; throws `NotTaken`. */
export const put: Put = (url, headers, body, went, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout>;
    const stop = () => request.abort();
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(stop, SILENCE_MS);
    };
    signal.addEventListener("abort", stop, { once: true });
    request.upload.onprogress = ({ loaded }) => {
      alive();
      went(loaded);
    };
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve();
      } else {
        reject(new NotTaken(request.status, /<Code>(\w+)<\/Code>/.exec(request.responseText)?.[1] ?? ""));
      }
    };
    request.onerror = () => reject(new NotTaken(0, ""));
    request.onabort = () => reject(signal.aborted ? signal.reason : new NotTaken(0, "Silence"));
    request.onloadend = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
    };
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser sets these itself, to the same values.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    alive();
    request.send(body);
  });
