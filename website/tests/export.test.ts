import { expect, it } from "vitest";
import { exportItems } from "../src/export";
import type { ItemSummary, Stored } from "../src/item";
import { LARGEST_PAGE } from "../src/pages";
import { Problem } from "../src/problem";

const dates = { created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-02T00:00:00.000Z" };
const EXACT = "12345678901234567890123456789012345.678";

function stored(id: string): Stored {
  const item = {
    id,
    name: `Item ${id}`,
    price: EXACT,
    description: "Long",
    ...dates,
    version: "3",
  };
  return { item, etag: "" };
}

/** A list of eight, of which the first page has come; the last is deleted meanwhile. */
function scene(problem: Problem | null = null) {
  const ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
  const pages = {
    more: true,
    loaded: 2,
    problem: null as Problem | null,
    load: async (atLeast?: number) => {
      expect(atLeast).toBe(2 + LARGEST_PAGE);
      pages.more = false;
      pages.problem = problem;
    },
  };
  const items = {
    rows: () => ids.map((id) => ({ item: { id } as ItemSummary, saving: false })),
  };
  return exportItems({ get: async (id) => (id === "h" ? null : stored(id)) }, pages, items);
}

it("has every item whole, with every digit", async () => {
  const text = await scene();
  const found = JSON.parse(text);
  expect(found.map((item: { id: string }) => item.id).join("")).toBe("abcdefg");
  expect(Object.keys(found[0]).sort()).toEqual([
    "created_at",
    "description",
    "id",
    "name",
    "price",
    "updated_at",
  ]);
  expect(text).toContain(`"price":${EXACT}`);
});

it("is not half of it", async () => {
  const problem = new Problem("offline", "You are offline.");
  await expect(scene(problem)).rejects.toBe(problem);
});
