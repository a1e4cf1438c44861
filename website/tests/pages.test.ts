import { beforeEach, describe, expect, it } from "vitest";
import type { Order } from "../src/api";
import { compare, Pages } from "../src/pages";
import { Problem } from "../src/problem";
import type { ItemList, ItemSummary } from "../src/schema";

const busy = new Problem("http", "Busy.", { status: 503 });

function summary(n: number): ItemSummary {
  const date = `2026-01-01T00:00:00.${String(n).padStart(3, "0")}Z`;
  const dates = { created_at: date, updated_at: date };
  return { id: `i${n}`, name: `Item ${n}`, ...dates, version: "1", etag: `"${n}"` };
}

/** So many items, newest first, in pages as large as they are asked for. */
class Source {
  asked: [string | null, number, Order][] = [];
  problems: Problem[] = [];
  constructor(public items: ItemSummary[]) {}

  async list(cursor: string | null, limit: number, order: Order): Promise<ItemList> {
    this.asked.push([cursor, limit, order]);
    const problem = this.problems.shift();
    if (problem) throw problem;
    const sorted = this.items.toSorted((one, other) => compare(one, other, order));
    const [from, to] = [Number(cursor ?? 0), Number(cursor ?? 0) + limit];
    return { items: sorted.slice(from, to), cursor: to < sorted.length ? String(to) : null };
  }
}

let source: Source;
let pages: Pages;
let known: Map<string, ItemSummary>;

beforeEach(() => {
  source = new Source(Array.from({ length: 130 }, (_, n) => summary(n)));
  known = new Map();
  const items = {
    learn: (item: ItemSummary) => void known.set(item.id, item),
    forget: (listed: ReadonlySet<string>, covers: (item: ItemSummary) => boolean) => {
      for (const [id, item] of known) if (!listed.has(id) && covers(item)) known.delete(id);
    },
  };
  pages = new Pages(source, items, () => {});
});

describe("load", () => {
  it("goes on where the last page ended, until the end", async () => {
    source.items = source.items.slice(0, 30);
    await pages.load();
    expect([pages.loaded, pages.more]).toEqual([25, true]);
    await pages.load();
    await pages.load();
    expect([pages.loaded, pages.more]).toEqual([30, false]);
    expect(source.asked.map(([cursor]) => cursor)).toEqual([null, "25"]);
  });

  it("loads as much as there was before", async () => {
    await pages.load(125);
    expect(source.asked.map(([, limit]) => limit)).toEqual([100, 25]);
  });

  it("says what went wrong, and goes on from there", async () => {
    source.problems.push(busy);
    await pages.load();
    expect([pages.problem, pages.more]).toEqual([busy, true]);
    await pages.load();
    expect([pages.problem, pages.loaded]).toEqual([null, 25]);
  });

  it("asks once at a time", async () => {
    await Promise.all([pages.load(), pages.load()]);
    expect(source.asked).toHaveLength(1);
  });
});

describe("loadAll", () => {
  it("loads all, a hundred at a time", async () => {
    await pages.loadAll(() => true);
    expect(known.size).toBe(130);
    expect(source.asked.map(([, limit]) => limit)).toEqual([100, 100]);
  });

  it("ends when it is not wanted any more, or fails", async () => {
    await pages.loadAll(() => source.asked.length === 0);
    source.problems.push(busy);
    await pages.loadAll(() => true);
    expect([source.asked.length, pages.problem]).toEqual([2, busy]);
  });
});

describe("sort", () => {
  it("begins again at the other end", async () => {
    await pages.load();
    await pages.sort("asc");
    expect(source.asked.at(-1)).toEqual([null, 25, "asc"]);
    expect([...known.keys()][0]).toBe("i0");
    expect(known.size).toBe(25);
  });

  it("asks for nothing when all is there", async () => {
    await pages.loadAll(() => true);
    await pages.sort("asc");
    expect(source.asked).toHaveLength(2);
  });

  it("takes no late page of the list before", async () => {
    const late = pages.load();
    await pages.sort("asc");
    await late;
    expect([known.has("i129"), pages.loaded, pages.loading]).toEqual([false, 25, null]);
  });
});

describe("refresh", () => {
  it("learns what is new and forgets what is gone, in what is loaded", async () => {
    await pages.load();
    source.items = source.items.filter(({ id }) => id !== "i120");
    source.items.push(summary(500));
    known.set("i3", summary(3)); // not loaded by the list, which may still have it
    await pages.refresh();
    expect(["i500", "i120", "i3"].map((id) => known.has(id))).toEqual([true, false, true]);
    await pages.load();
    expect(source.asked.at(-1)?.[0]).toBe("25");
  });

  it("changes nothing when it fails", async () => {
    await pages.load();
    source.problems.push(busy);
    await pages.refresh();
    expect([known.size, pages.problem, pages.loaded]).toEqual([25, null, 25]);
  });
});
