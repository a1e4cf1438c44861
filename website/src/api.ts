/** The items API, as the page uses it. */

import { LONGEST, pause, retryAfter } from "./backoff";
import { parseExact, writeExact } from "./exact_json";
import { isNumber } from "./fields";
import { type Content, contentOf, type Item, type Stored, sameContent } from "./item";
import { networkProblem, Problem, problemOf } from "./problem";
import type { ItemList, ListItemsQuery } from "./schema";

/** Newest first, or oldest first. */
export type Order = NonNullable<ListItemsQuery["order"]>;

/** A write whose precondition failed. `theirs` is null if the item is deleted. */
export class Conflict extends Error {
  override readonly name = "Conflict";

  constructor(
    readonly mine: Content,
    readonly theirs: Stored | null,
  ) {
    super("Another person has changed this item.");
  }
}

/** A deletion whose precondition failed. */
export class Changed extends Error {
  override readonly name = "Changed";

  constructor(readonly theirs: Stored) {
    super("This item has been changed since.");
  }
}

/** The API's view of the browser. Tests pass their own. */
export interface Environment {
  fetch: typeof fetch;
  /** Returns a valid access token, renewed if the API refused this one. Throws `Problem`. */
  token(refused?: string): Promise<string>;
  /** Returns the last token, for a request that cannot wait. It may have expired. */
  lastToken(): string;
  online(): boolean;
  /** Waits, and shows the reason meanwhile. */
  wait(milliseconds: number, problem: Problem): Promise<void>;
  random(): number;
}

interface Request {
  method: "GET" | "PUT" | "DELETE";
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

interface Received {
  response: Response;
  /** The whole body. */
  text: string;
}

const ATTEMPTS = 5;
const WORTH_RETRYING = new Set([429, 502, 503, 504]);
/** Longer than the gateway's own timeout. */
const TIMEOUT = 35_000;

export class ItemsApi {
  constructor(
    private readonly base: string,
    private readonly environment: Environment,
  ) {}

  /** Returns a page of summaries, in the order of their creation. */
  async list(cursor: string | null, limit: number, order: Order): Promise<ItemList> {
    const query: ListItemsQuery = { limit: String(limit) };
    if (order !== "desc") query.order = order;
    if (cursor) query.cursor = cursor;
    const path = `/items?${new URLSearchParams({ ...query })}`;
    const { text } = await this.send({ method: "GET", path });
    return parseExact(text) as ItemList;
  }

  /** Returns the current item, null if there is none. */
  async get(id: string): Promise<Stored | null> {
    try {
      return stored(await this.send({ method: "GET", path: itemPath(id) }));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }

  /**
   * Creates an item (`etag` null) or replaces the state that `etag` names. Throws `Conflict`.
   *
   * A 412 may come from this page's earlier attempt, whose response was lost, also before a reload.
   * If the stored item equals the sent one, there is no conflict.
   */
  async put(content: Content, etag: string | null): Promise<Stored> {
    const request: Request = {
      method: "PUT",
      path: "/items",
      headers: {
        "Content-Type": "application/json",
        ...(etag === null ? { "If-None-Match": "*" } : { "If-Match": etag }),
      },
      body: writeExact({ ...contentOf(content) }, isNumber),
    };
    try {
      const received = await this.send(request);
      if (received.response.status !== 412) return stored(received);
      const theirs = await this.get(content.id);
      if (theirs && sameContent(theirs.item, content)) return theirs;
      throw new Conflict(content, theirs);
    } catch (error) {
      if (!(error instanceof Problem && error.outcomeUnknown)) throw error;
      const found = await this.get(content.id).catch(() => null);
      if (found && found.etag !== etag && sameContent(found.item, content)) return found;
      throw error;
    }
  }

  /** Deletes the state that `etag` names. Succeeds if there is no item. Throws `Changed`. */
  async delete(id: string, etag: string): Promise<void> {
    const { response } = await this.send(deletion(id, etag));
    if (response.status !== 412) return;
    const theirs = await this.get(id);
    if (theirs) throw new Changed(theirs);
  }

  /**
   * Deletes as the page goes, without a retry. The request leaves before this returns: a browser that
   * ends the page's scripts still sends it. Throws unless the deletion is known to have succeeded.
   */
  async leave(id: string, etag: string): Promise<void> {
    const response = await this.fetch(deletion(id, etag), this.environment.lastToken(), true);
    if (!response.ok) throw await problemOf(response);
  }

  /** Returns a success or a 412. Throws `Problem` for any other response. */
  private async send(request: Request): Promise<Received> {
    let refusedToken: string | undefined;
    for (let attempt = 0; ; attempt++) {
      // Outside of the retry, because a retry cannot bring back a session.
      const token = await this.environment.token(refusedToken);
      let problem: Problem;
      let asked = 0;
      try {
        const response = await this.fetch(request, token);
        if (response.ok || response.status === 412) {
          return { response, text: await response.text() };
        }
        problem = await problemOf(response);
        asked = retryAfter(response.headers.get("Retry-After"));
        if (response.status === 401 && refusedToken === undefined) {
          refusedToken = token;
          continue;
        }
      } catch (cause) {
        problem = networkProblem(cause, this.environment.online());
      }
      const worthIt = problem.kind === "unreachable" || WORTH_RETRYING.has(problem.status);
      if (!worthIt || attempt + 1 >= ATTEMPTS || asked > LONGEST) throw problem;
      await this.environment.wait(pause(attempt, asked, this.environment.random), problem);
    }
  }

  /** With `keepalive`, the browser finishes the request after the page is gone. */
  private fetch(request: Request, token: string, keepalive = false): Promise<Response> {
    return this.environment.fetch(`${this.base}${request.path}`, {
      method: request.method,
      headers: { ...request.headers, Authorization: `Bearer ${token}` },
      // Otherwise the browser might return a stale copy from its cache.
      cache: "no-cache",
      signal: AbortSignal.timeout(TIMEOUT),
      keepalive,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
  }
}

const itemPath = (id: string) => `/items/${encodeURIComponent(id)}`;

function deletion(id: string, etag: string): Request {
  return { method: "DELETE", path: itemPath(id), headers: { "If-Match": etag } };
}

function stored({ response, text }: Received): Stored {
  const item = parseExact(text) as Item;
  return { item, etag: response.headers.get("ETag") ?? "" };
}
