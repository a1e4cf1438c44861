/** What went wrong with a request, in words a person can do something with. */

import type * as schema from "./schema";

export type Kind =
  | "offline" // this device has no network
  | "unreachable" // no answer, or none in time
  | "session" // signed out, or the session has ended
  | "http"; // an answer that says no

export type FieldError = NonNullable<schema.Problem["errors"]>[number];

interface Details {
  status?: number;
  type?: string;
  requestId?: string;
  fields?: FieldError[];
  cause?: unknown;
}

export class Problem extends Error {
  readonly kind: Kind;
  readonly status: number;
  readonly type: string;
  readonly requestId: string;
  readonly fields: FieldError[];

  constructor(kind: Kind, message: string, details: Details = {}) {
    super(message, { cause: details.cause });
    this.name = "Problem";
    this.kind = kind;
    this.status = details.status ?? 0;
    this.type = details.type ?? "about:blank";
    this.requestId = details.requestId ?? "";
    this.fields = details.fields ?? [];
  }

  /** Whether it is not known if a write was applied. */
  get outcomeUnknown(): boolean {
    return this.kind === "unreachable" || this.kind === "offline" || this.status >= 500;
  }
}

const OFFLINE = "You are offline.";
const UNREACHABLE = "The service could not be reached.";

export function networkProblem(cause: unknown, online: boolean): Problem {
  return online
    ? new Problem("unreachable", UNREACHABLE, { cause })
    : new Problem("offline", OFFLINE, { cause });
}

export function sessionProblem(requestId = ""): Problem {
  return new Problem("session", "Your session has ended.", { status: 401, requestId });
}

/** What should be a problem detail. */
type Body = { [K in keyof schema.Problem]?: unknown };

/** The problem detail (RFC 9457) of an answer; whatever came instead of one is not shown. */
export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  const body = await response
    .text()
    .then((text) => JSON.parse(text) as Body)
    .catch((): Body => ({}));
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const requestId = text(body.instance) || response.headers.get("x-amzn-requestid") || "";
  if (status === 401) return sessionProblem(requestId);
  const fallback =
    status >= 500 ? "Something went wrong on our side." : `The answer was ${status}.`;
  return new Problem("http", text(body.detail) || fallback, {
    status,
    type: text(body.type) || "about:blank",
    requestId,
    fields: Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
  });
}

/** What a person can do about it. */
export function advice(problem: Problem): string {
  if (problem.kind === "offline") return "Check your connection, then try again.";
  if (problem.kind === "session") return "Sign in again to carry on.";
  if (problem.status === 429) return "Too much at once. Wait a little, then try again.";
  if (problem.status === 403)
    return "Ask whoever runs this service if you think you should be able to.";
  if (problem.kind === "unreachable" || problem.status >= 500) return "Try again in a moment.";
  return "";
}

/** Whatever was thrown, as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  console.error(thrown);
  return new Problem("http", "Something went wrong on this page.", { cause: thrown });
}
