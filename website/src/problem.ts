/** The problem with a request, in words that a person can act on. */

import type * as schema from "./schema";

export type Kind =
  | "offline" // this device has no network
  | "unreachable" // no response in time
  | "session" // signed out, or the session has ended
  | "http"; // an error response

export type FieldError = NonNullable<schema.Problem["errors"]>[number];

interface Details {
  status?: number;
  requestId?: string;
  fields?: FieldError[];
  cause?: unknown;
}

export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly requestId: string;
  readonly fields: FieldError[];

  constructor(
    readonly kind: Kind,
    message: string,
    { status = 0, requestId = "", fields = [], cause }: Details = {},
  ) {
    super(message, { cause });
    this.status = status;
    this.requestId = requestId;
    this.fields = fields;
  }

  /** Returns whether a write may have been applied. */
  get outcomeUnknown(): boolean {
    return this.kind === "unreachable" || this.kind === "offline" || this.status >= 500;
  }
}

export function networkProblem(cause: unknown, online: boolean): Problem {
  if (!online) return new Problem("offline", "You are offline.", { cause });
  return new Problem("unreachable", "The service could not be reached.", { cause });
}

export function sessionProblem(requestId = ""): Problem {
  return new Problem("session", "Your session has ended.", { status: 401, requestId });
}

/** Returns the problem detail (RFC 9457) of a response. Ignores a body of another form. */
export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  const json: unknown = await response.json().catch(() => null);
  const body = (json ?? {}) as Partial<Record<string, unknown>>;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const requestId = text(body.instance) || response.headers.get("x-amzn-requestid") || "";
  if (status === 401) return sessionProblem(requestId);
  const fallback =
    status >= 500 ? "Something went wrong on our side." : `The status was ${status}.`;
  return new Problem("http", text(body.detail) || fallback, {
    status,
    requestId,
    fields: Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
  });
}

/** Returns the next step for the person. */
export function advice(problem: Problem): string {
  if (problem.kind === "offline") return "Check your connection, then try again.";
  if (problem.kind === "session") return "Sign in again to carry on.";
  if (problem.status === 429) return "Too much at once. Wait a little, then try again.";
  if (problem.status === 403)
    return "Ask the people who run this service if you should have access.";
  if (problem.kind === "unreachable" || problem.status >= 500) return "Try again in a moment.";
  return "";
}

/** Returns any thrown value as a problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  console.error(thrown);
  return new Problem("http", "Something went wrong on this page.", { cause: thrown });
}
