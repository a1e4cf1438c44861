import { describe, expect, it } from "vitest";
import { Conflict, type Environment, ItemsApi } from "../src/api";
import { type Problem, sessionProblem } from "../src/problem";

const content = { id: "lamp", name: "Lamp", price: "12345678901234567890.10" };
const item = {
  ...content,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
  version: "1",
};

type Step = Response | Error;

/** An answer with the item as the API writes it, its numbers as numbers. */
function stored(changes: Record<string, string> = {}, etag = '"t1"', status = 200): Response {
  const { price, version, ...rest } = { ...item, ...changes };
  const body = JSON.stringify(rest).replace(/}$/, `,"price":${price},"version":${version}}`);
  return new Response(body, { status, headers: { ETag: etag } });
}

function refusal(status: number, body: Record<string, unknown> = {}, headers = {}): Response {
  return new Response(JSON.stringify({ detail: "No.", ...body }), { status, headers });
}

const lost = () => new TypeError("Failed to fetch");
const unknown = () => refusal(503, { type: "urn:problem-type:items:outcome-unknown" });

/** An API whose network gives these answers, and what was asked of it. */
function scene(steps: Step[], changes: Partial<Environment> = {}) {
  const requests: { method: string; url: string; headers: Headers; body: string }[] = [];
  const waits: { milliseconds: number; problem: Problem }[] = [];
  const environment: Environment = {
    fetch: async (url, init) => {
      requests.push({
        method: init?.method ?? "",
        url: String(url),
        headers: new Headers(init?.headers),
        body: String(init?.body ?? ""),
      });
      const step = steps.shift();
      if (!step) throw new Error("one request too many");
      if (step instanceof Error) throw step;
      return step;
    },
    lastToken: () => "last",
    token: async (refused) => (refused ? "renewed" : "token"),
    online: () => true,
    wait: async (milliseconds, problem) => void waits.push({ milliseconds, problem }),
    random: () => 0.5,
    ...changes,
  };
  const sent = () => requests.map(({ method, url }) => `${method} ${url}`);
  return { api: new ItemsApi("/api", environment), requests, waits, sent, steps };
}

describe("requests", () => {
  it("asks for a page", async () => {
    const { api, requests } = scene([
      new Response('{"items":[{"id":"a","price":0.10}],"cursor":"x"}'),
    ]);
    expect(await api.list("a=&b", 25, "asc")).toEqual({
      items: [{ id: "a", price: "0.10" }],
      cursor: "x",
    });
    expect(requests[0]?.url).toBe("/api/items?limit=25&order=asc&cursor=a%3D%26b");
    expect(requests[0]?.headers.get("Authorization")).toBe("Bearer token");
  });

  it("reads an item with its tag and all digits of its price", async () => {
    const { api, sent } = scene([stored()]);
    expect(await api.get("a/b#c")).toEqual({ item, etag: '"t1"' });
    expect(sent()).toEqual(["GET /api/items/a%2Fb%23c"]);
  });

  it("says null for an item that is not there", async () => {
    expect(await scene([refusal(404)]).api.get("lamp")).toBeNull();
  });

  it("creates only what is not there", async () => {
    const { api, requests } = scene([stored({}, '"t1"', 201)]);
    await api.put({ ...content, description: "" }, null);
    expect(requests[0]?.headers.get("If-None-Match")).toBe("*");
    expect(requests[0]?.body).toBe('{"id":"lamp","name":"Lamp","price":12345678901234567890.10}');
  });

  it("replaces only the state it was told", async () => {
    const { api, requests } = scene([stored({}, '"t2"')]);
    expect((await api.put(content, '"t1"')).etag).toBe('"t2"');
    expect(requests[0]?.headers.get("If-Match")).toBe('"t1"');
  });

  it("deletes only the state it was told", async () => {
    const { api, requests, sent } = scene([new Response(null, { status: 204 })]);
    await api.delete("lamp", '"t1"');
    expect(sent()).toEqual(["DELETE /api/items/lamp"]);
    expect(requests[0]?.headers.get("If-Match")).toBe('"t1"');
  });

  it("does not delete what was changed since, and says what it is now", async () => {
    const { api } = scene([refusal(412), stored({ name: "Brass lamp" }, '"t2"')]);
    await expect(api.delete("lamp", '"t1"')).rejects.toMatchObject({
      name: "Changed",
      theirs: { item: { name: "Brass lamp" }, etag: '"t2"' },
    });
  });

  it("has deleted what is gone", async () => {
    const { api, sent } = scene([refusal(412), refusal(404)]);
    await api.delete("lamp", '"t1"');
    expect(sent()).toEqual(["DELETE /api/items/lamp", "GET /api/items/lamp"]);
  });

  it("sends a last request before anything else can run", async () => {
    const { api, requests } = scene([new Response(null, { status: 204 })]);
    const left = api.leave("lamp", '"t1"');
    expect(requests.map(({ method, headers }) => [method, headers.get("Authorization")])).toEqual([
      ["DELETE", "Bearer last"],
    ]);
    await left;
  });

  it.each([401, 412, 500])("does not take a %i for the end of it", async (status) => {
    const { api } = scene([refusal(status)]);
    await expect(api.leave("lamp", '"t1"')).rejects.toBeInstanceOf(Error);
  });
});

describe("trying again", () => {
  it.each([429, 502, 503, 504])("after %d, with jitter on top of Retry-After", async (status) => {
    const { api, waits } = scene([
      refusal(status, { instance: "r-1" }, { "Retry-After": "2" }),
      stored(),
    ]);
    await api.get("lamp");
    expect(waits.map((wait) => wait.milliseconds)).toEqual([2250]);
    expect(waits[0]?.problem.requestId).toBe("r-1");
  });

  it("after no answer at all", async () => {
    const { api, waits } = scene([lost(), lost(), stored()]);
    await api.get("lamp");
    expect(waits.map((wait) => wait.milliseconds)).toEqual([250, 500]);
  });

  it("after an answer that was cut off", async () => {
    const cut = new ReadableStream({ start: (controller) => controller.error(lost()) });
    const { api, waits } = scene([new Response(cut), stored()]);
    expect(await api.get("lamp")).toMatchObject({ etag: '"t1"' });
    expect(waits).toHaveLength(1);
  });

  it("not for ever", async () => {
    const { api, requests } = scene(Array.from({ length: 9 }, () => refusal(503)));
    await expect(api.list(null, 25, "desc")).rejects.toMatchObject({ status: 503 });
    expect(requests).toHaveLength(5);
  });

  it("not when the wait would be longer than anybody's patience", async () => {
    const { api, waits } = scene([refusal(429, {}, { "Retry-After": "3600" })]);
    await expect(api.list(null, 25, "desc")).rejects.toMatchObject({ status: 429 });
    expect(waits).toEqual([]);
  });

  it.each([400, 403, 413, 500])("not after %d", async (status) => {
    const { api, requests } = scene([refusal(status)]);
    await expect(api.list(null, 25, "desc")).rejects.toMatchObject({ status });
    expect(requests).toHaveLength(1);
  });

  it("not while offline", async () => {
    const { api, requests } = scene([lost()], { online: () => false });
    await expect(api.list(null, 25, "desc")).rejects.toMatchObject({ kind: "offline" });
    expect(requests).toHaveLength(1);
  });
});

describe("the session", () => {
  it("is renewed once when a token is refused", async () => {
    const { api, requests } = scene([refusal(401), stored()]);
    await api.get("lamp");
    expect(requests.map(({ headers }) => headers.get("Authorization"))).toEqual([
      "Bearer token",
      "Bearer renewed",
    ]);
  });

  it("has ended when the renewed token is refused too", async () => {
    const { api, requests } = scene([refusal(401), refusal(401)]);
    await expect(api.get("lamp")).rejects.toMatchObject({ kind: "session" });
    expect(requests).toHaveLength(2);
  });

  it("has ended when there is no token", async () => {
    const token = async () => {
      throw sessionProblem();
    };
    const { api, requests } = scene([], { token });
    await expect(api.put(content, null)).rejects.toMatchObject({ kind: "session" });
    expect(requests).toHaveLength(0);
  });
});

describe("a write that found another state", () => {
  it("is a conflict with both versions", async () => {
    const { api } = scene([refusal(412), stored({ name: "Theirs" }, '"t9"')]);
    const conflict = await api.put(content, '"t1"').catch((error) => error);
    expect(conflict).toBeInstanceOf(Conflict);
    expect(conflict.mine).toEqual(content);
    expect(conflict.theirs).toMatchObject({ item: { name: "Theirs" }, etag: '"t9"' });
  });

  it("is a conflict with nothing when it was deleted", async () => {
    const { api } = scene([refusal(412), refusal(404)]);
    await expect(api.put(content, '"t1"')).rejects.toMatchObject({ theirs: null });
  });

  it("is none if that is the very same: there is nothing to choose", async () => {
    const { api } = scene([refusal(412), stored({}, '"t9"')]);
    expect((await api.put(content, '"t1"')).etag).toBe('"t9"');
  });
});

describe("a write whose answer was lost", () => {
  it.each([
    ["the network", lost],
    ["an unknown outcome", unknown],
    ["a gateway's timeout", () => refusal(504)],
  ])("through %s was applied when what is stored is what was sent", async (_, first) => {
    const { api, sent } = scene([
      first(),
      refusal(412),
      stored({ price: "12345678901234567890.1" }, '"t2"'),
    ]);
    expect((await api.put(content, '"t1"')).etag).toBe('"t2"');
    expect(sent()).toEqual(["PUT /api/items", "PUT /api/items", "GET /api/items/lamp"]);
  });

  it("is a conflict when something else is stored", async () => {
    const { api } = scene([lost(), refusal(412), stored({ name: "Theirs" })]);
    await expect(api.put(content, '"t1"')).rejects.toBeInstanceOf(Conflict);
  });

  it("was applied when it shows after the last attempt", async () => {
    const steps = [...Array.from({ length: 5 }, unknown), stored({}, '"t2"')];
    expect((await scene(steps).api.put(content, '"t1"')).etag).toBe('"t2"');
  });

  it("is a problem when the old state still stands, equal though it may be", async () => {
    const steps = [...Array.from({ length: 5 }, unknown), stored({}, '"t1"')];
    await expect(scene(steps).api.put(content, '"t1"')).rejects.toMatchObject({ status: 503 });
  });

  it("is the first problem when nobody can tell", async () => {
    const steps = [...Array.from({ length: 5 }, unknown), ...Array.from({ length: 5 }, lost)];
    await expect(scene(steps).api.put(content, null)).rejects.toMatchObject({ status: 503 });
  });

  it("was applied when the network went before its answer came", async () => {
    const online = () => false;
    const { api } = scene([lost(), stored({}, '"t2"')], { online });
    expect((await api.put(content, '"t1"')).etag).toBe('"t2"');
  });

  it("was a creation of ours when an equal item has the id that only we know", async () => {
    const { api } = scene([refusal(412), stored({}, '"t2"')]);
    expect((await api.put(content, null)).etag).toBe('"t2"');
  });
});
