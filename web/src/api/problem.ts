/** What goes wrong, as the API says it (RFC 9457), and as a person reads it. */

import type { components } from "./schema.d.ts";

export type ProblemDetails = components["schemas"]["Problem"];

/** An answer of the API that is no success. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: number;
  readonly details: Partial<ProblemDetails>;
  /** Stands in the logs too. */
  readonly correlation: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;

  constructor(status: number, details: unknown, headers: Headers) {
    const known = (typeof details === "object" && details !== null ? details : {}) as Partial<ProblemDetails>;
    super(known.detail ?? known.title ?? `The answer was ${status}.`);
    this.status = status;
    this.details = known;
    this.correlation = headers.get("X-Correlation-Id");
    const seconds = Number(headers.get("Retry-After") ?? Number.NaN);
    this.retryAfter = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
  }
}

/** What happened, what to do about it, and what to tell whoever runs this. */
export interface Words {
  title: string;
  text: string;
  reference?: string;
}

/** Something that happened in the browser, already in a person's words. */
export class Trouble extends Error {
  override name = "Trouble";
  readonly words: Words;

  constructor(title: string, text: string) {
    super(title);
    this.words = { title, text };
  }
}

/** A person's words for whatever was thrown. */
export function words(error: unknown): Words {
  if (error instanceof Trouble) {
    return error.words;
  }
  if (error instanceof Problem) {
    const said = ofProblem(error);
    return error.correlation ? { ...said, reference: error.correlation } : said;
  }
  if (error instanceof TypeError) {
    return {
      title: "No connection",
      text: "This cannot be reached just now. Try again in a moment.",
    };
  }
  return { title: "Something went wrong", text: error instanceof Error ? error.message : String(error) };
}

function ofProblem(problem: Problem): Words {
  const detail = problem.details.detail ?? problem.details.title ?? "";
  switch (problem.status) {
    case 400:
    case 415:
    case 422:
      return {
        title: "That cannot be done so",
        text: mistakes(problem) || detail || "The request was not understood.",
      };
    case 401:
      return {
        title: "You are not signed in",
        text: "The key or the sign-in is not valid, or no longer so. Sign in again.",
      };
    case 403:
      return { title: "That is not allowed here", text: detail || "Ask whoever runs this to allow it." };
    case 404:
      return { title: "Not found", text: "There is no such file, or it belongs to somebody else." };
    case 409:
      return { title: "That does not fit its state", text: detail || "Something has changed meanwhile. Look again." };
    case 410:
      return { title: "No longer given out", text: detail || "The results of this file have been withdrawn." };
    case 412:
      return { title: "It has changed meanwhile", text: "Look at it as it is now, then try once more." };
    case 413:
      return { title: "Too large", text: detail || "The file is larger than is accepted here." };
    case 429:
      return { title: "Too many requests", text: `The limit of requests is reached. ${soon(problem.retryAfter)}` };
    default:
      return problem.status >= 500
        ? { title: "The service has trouble", text: `Nothing of yours is lost. ${soon(problem.retryAfter)}` }
        : { title: problem.details.title ?? "That did not work", text: detail || problem.message };
  }
}

function mistakes(problem: Problem): string {
  return (problem.details.errors ?? []).map((each) => each.detail).join(" ");
}

function soon(seconds: number | null): string {
  return seconds && seconds > 1 ? `Try again in ${Math.ceil(seconds)} seconds.` : "Try again in a moment.";
}
