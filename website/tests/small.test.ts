import { describe, expect, it } from "vitest";
import { pause, retryAfter } from "../src/backoff";
import { loadConfig } from "../src/config";
import { ago } from "../src/format";
import { newId, sameContent } from "../src/item";
import { advice, networkProblem, problemOf } from "../src/problem";

describe("retryAfter", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  it.each([
    [null, 0],
    ["3", 3000],
    ["Thu, 01 Jan 2026 00:00:05 GMT", 5000],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
    ["soon", 0],
  ])("of %j is %d ms", (header, milliseconds) => {
    expect(retryAfter(header, now)).toBe(milliseconds);
  });
});

describe("pause", () => {
  it("is never shorter than what was asked for", () => {
    expect(pause(0, 3000, () => 0)).toBe(3000);
  });

  it.each([
    [0, 500],
    [1, 1000],
    [3, 4000],
    [9, 8000],
  ])("is at most the doubled base after attempt %d: %d ms", (attempt, most) => {
    expect(pause(attempt, 0, () => 1)).toBe(most);
  });
});

describe("ago", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  it.each([
    ["2026-03-10T11:59:30Z", "now"],
    ["2026-03-10T12:00:30Z", "now"],
    ["2026-03-10T11:55:00Z", "5 minutes ago"],
    ["2026-03-10T09:00:00Z", "3 hours ago"],
    ["2026-03-09T09:00:00Z", "yesterday"],
    ["2026-02-01T12:00:00Z", "Feb 1, 2026"],
  ])("%s is %s", (date, words) => {
    expect(ago(date, now)).toBe(words);
  });
});

describe("newId", () => {
  it.each([
    ["Oak desk lamp", /^oak-desk-lamp-[a-z2-9]{6}$/],
    ["Crème brûlée!", /^creme-brulee-[a-z2-9]{6}$/],
    ["机", /^[a-z2-9]{6}$/],
    ["x".repeat(200), /^x{40}-[a-z2-9]{6}$/],
  ])("of %j is one that the API takes", (name, shape) => {
    expect(newId(name)).toMatch(shape);
  });

  it("is another one each time", () => {
    expect(newId("lamp")).not.toBe(newId("lamp"));
  });
});

it("takes an empty field for none", () => {
  const item = { id: "a", name: "b" };
  expect(sameContent({ ...item, description: "", price: "" }, item)).toBe(true);
  expect(sameContent({ ...item, description: "c" }, item)).toBe(false);
  expect(sameContent({ ...item, price: "1.50" }, { ...item, price: "1.5" })).toBe(true);
});

describe("problemOf", () => {
  it("takes what the API says", async () => {
    const body = {
      type: "urn:problem-type:items:invalid-request",
      detail: "name: is too long",
      instance: "r-1",
      errors: [{ field: "name", message: "is too long" }],
    };
    const problem = await problemOf(new Response(JSON.stringify(body), { status: 400 }));
    expect(problem).toMatchObject({
      kind: "http",
      status: 400,
      requestId: "r-1",
      fields: body.errors,
    });
    expect(problem.message).toBe("name: is too long");
    expect(problem.outcomeUnknown).toBe(false);
  });

  it("shows nothing of an answer that is no problem detail", async () => {
    const headers = { "x-amzn-requestid": "r-2" };
    const problem = await problemOf(new Response("<h1>Stack trace</h1>", { status: 502, headers }));
    expect(problem.message).toBe("Something went wrong on our side.");
    expect(problem.requestId).toBe("r-2");
    expect(problem.outcomeUnknown).toBe(true);
  });

  it("knows the end of the session", async () => {
    const problem = await problemOf(new Response("{}", { status: 401 }));
    expect(problem.kind).toBe("session");
    expect(advice(problem)).toMatch(/sign in/i);
  });
});

it.each([
  [true, "unreachable", true],
  [false, "offline", true],
])("a request without an answer, online: %s", (online, kind) => {
  expect(networkProblem(new TypeError(), online)).toMatchObject({ kind, status: 0 });
});

describe("loadConfig", () => {
  const config = {
    api_path: "/api",
    region: "us-east-1",
    user_pool_id: "us-east-1_x",
    client_id: "c",
    login_url: "https://login.example",
  };
  const answering = (body: unknown, status = 200) =>
    (() => Promise.resolve(new Response(JSON.stringify(body), { status }))) as typeof fetch;

  it("takes a whole one", async () => {
    expect(await loadConfig(answering(config))).toEqual(config);
  });

  it("names what is missing", async () => {
    const without = answering({ ...config, client_id: "" });
    await expect(loadConfig(without)).rejects.toThrow(/client_id is missing/);
  });

  it.each([
    ["an error", answering({}, 503)],
    ["no answer", (() => Promise.reject(new TypeError())) as typeof fetch],
  ])("says it when there is %s", async (_, get) => {
    await expect(loadConfig(get)).rejects.toThrow("The page's settings could not be loaded.");
  });
});
